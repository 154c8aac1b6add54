import { Entity } from '@backstage/catalog-model';
import { Pipeline, Run, Step } from './api';

const TEMPLATE = 'idp.dev/workflow-template';
const NAMESPACE = 'backstage.io/kubernetes-namespace';
const OVER = ['Succeeded', 'Failed', 'Error'];
const BROKEN = ['Failed', 'Error'];

/** The pipeline that an entity stands for; undefined where it stands for none. */
export function pipelineOf({ metadata: { annotations = {} } }: Entity): Pipeline | undefined {
  const [template, namespace] = [annotations[TEMPLATE], annotations[NAMESPACE]];
  return template && namespace ? { template, namespace } : undefined;
}

export const isOver = ({ phase }: Pick<Run, 'phase'>) => OVER.includes(phase);

/** What made a run begin. */
export function cause({ origin, startedBy }: Pick<Run, 'origin' | 'startedBy'>): string {
  switch (origin) {
    case 'portal':
      return startedBy?.replace(/^.*\//, '') ?? 'the portal';
    case 'schedule':
      return 'the schedule';
    case 'commit':
      return 'a commit';
    default:
      return 'by hand';
  }
}

/** How long something took, or has taken so far: `4 s`, `2 min 05 s`, `1 h 10 min`. */
export function lasting({ startedAt, finishedAt }: Pick<Step, 'startedAt' | 'finishedAt'>, now = Date.now()): string {
  if (!startedAt) return '';
  const end = finishedAt ? new Date(finishedAt).getTime() : now;
  const seconds = Math.max(0, Math.round((end - new Date(startedAt).getTime()) / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The step whose log is wanted first: the one that failed, else the last that began. */
export function telling(steps: Step[]): Step | undefined {
  return steps.find(({ phase }) => BROKEN.includes(phase)) ?? steps.filter(({ startedAt }) => startedAt).pop();
}

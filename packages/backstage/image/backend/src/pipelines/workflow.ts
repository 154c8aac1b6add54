import { gunzipSync } from 'node:zlib';

/** One pod of a run. */
export type Step = {
  id: string;
  name: string;
  phase: string;
  startedAt?: string;
  finishedAt?: string;
  message?: string;
};

export type Run = {
  name: string;
  /** The WorkflowTemplate that it was made from. */
  template?: string;
  phase: string;
  startedAt: string;
  finishedAt?: string;
  message?: string;
  origin: 'portal' | 'schedule' | 'commit' | 'hand';
  /** Who asked the portal for it: an entity reference. */
  startedBy?: string;
  steps: Step[];
};

export const STARTED_BY = 'idp.dev/started-by';
const TRACKED_BY_ARGOCD = 'argocd.argoproj.io/tracking-id';
const CRON = 'workflows.argoproj.io/cron-workflow';

/** Reduces a Workflow, as the API server returns it, to what the portal shows of a run. */
export function summarize({ metadata, spec = {}, status = {} }: any): Run {
  const { annotations = {}, labels = {} } = metadata;
  return {
    name: metadata.name,
    template: spec.workflowTemplateRef?.name,
    phase: status.phase || 'Pending',
    startedAt: status.startedAt ?? metadata.creationTimestamp,
    finishedAt: status.finishedAt ?? undefined,
    message: status.message || undefined,
    origin: originOf(annotations, labels),
    startedBy: annotations[STARTED_BY],
    steps: stepsOf(status),
  };
}

function originOf(annotations: Record<string, string>, labels: Record<string, string>): Run['origin'] {
  if (annotations[STARTED_BY]) return 'portal';
  if (labels[CRON]) return 'schedule';
  return annotations[TRACKED_BY_ARGOCD] ? 'commit' : 'hand';
}

/** The pods of a run in the order in which they began; groups of steps are no steps. */
function stepsOf(status: any): Step[] {
  const nodes: any[] = Object.values(status.nodes ?? unpacked(status.compressedNodes) ?? {});
  return nodes
    .filter(({ type }) => type === 'Pod')
    .map(node => ({
      id: node.id,
      name: node.displayName ?? node.name,
      phase: node.phase || 'Pending',
      startedAt: node.startedAt ?? undefined,
      finishedAt: node.finishedAt ?? undefined,
      message: node.message || undefined,
    }))
    .sort((one, other) => orderOf(one).localeCompare(orderOf(other)));
}

function orderOf({ startedAt, name }: Step): string {
  return `${startedAt ?? '9999'} ${name}`;
}

/** The controller packs the steps of very large runs. */
function unpacked(nodes?: string): object | undefined {
  return nodes ? JSON.parse(gunzipSync(Buffer.from(nodes, 'base64')).toString('utf8')) : undefined;
}

/** Labels of a golden path that make a run and its pods visible where the pipeline is. */
const PASSED_ON = ['app.kubernetes.io/part-of', 'backstage.io/kubernetes-id'];

/** A new run of a template, as `deploy/run.yaml` of a golden path is one, under a name of its own. */
export function runOf(template: any, startedBy: string): object {
  const { name, namespace, labels = {} } = template.metadata;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      generateName: `${name}-manual-`,
      namespace,
      labels: Object.fromEntries(PASSED_ON.filter(key => labels[key]).map(key => [key, labels[key]])),
      annotations: { [STARTED_BY]: startedBy },
    },
    spec: { arguments: {}, serviceAccountName: 'pipeline', workflowTemplateRef: { name } },
  };
}

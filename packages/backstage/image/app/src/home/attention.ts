import { Entity } from '@backstage/catalog-model';
import { Delivery, Governed, Model, Pipeline } from './api';
import { annotation, APPLICATION, Lists, MODEL, pipelineRef } from './lists';
import { entityPath, titleOf } from './model';

/** Tabs of an entity's page that the home page leads to. */
export const TAB = { pipeline: 'pipeline', model: 'model', deployment: 'deployment' } as const;

export type Matter = {
  /** What it is about, and where to do something about it. */
  title: string;
  to: string;
  what: string;
  /** The state that it is in, in the word of the system that knows. */
  word: string;
  since?: string;
};

export const tabPath = (entity: Entity, tab: keyof typeof TAB) => `${entityPath(entity)}/${TAB[tab]}`;

const BROKEN = ['Failed', 'Error'];
const UNWELL = ['Degraded', 'Missing'];
/** More are not asked about one by one. */
const MOST_GOVERNED = 20;

/** Models whose newest version is not the one in production: somebody may have to decide. */
export function candidates(models: Model[]): Model[] {
  return models
    .filter(({ latest }) => latest && !latest.aliases.includes('production'))
    .slice(0, MOST_GOVERNED);
}

/** What somebody has to see to, in the order in which it hurts. */
export function attention(
  { pipelines, models, services }: Pick<Lists, 'pipelines' | 'models' | 'services'>,
  live: { pipelines?: Pipeline[]; models?: Model[]; deliveries?: Delivery[]; governed?: Map<string, Governed> },
): Matter[] {
  const delivery = (entity: Entity) =>
    live.deliveries?.find(({ name }) => name === annotation(entity, APPLICATION));
  const unwell = [...services, ...pipelines].flatMap(entity => {
    const found = delivery(entity);
    if (!found || !UNWELL.includes(found.health)) return [];
    const what = found.health === 'Missing' ? 'Nothing of it is in the cluster' : 'The application is degraded';
    return [{ title: titleOf(entity), to: tabPath(entity, 'deployment'), what, word: found.health, since: found.deployedAt }];
  });
  const broken = pipelines.flatMap(entity => {
    const last = lastRun(entity, live.pipelines);
    if (!last || !BROKEN.includes(last.phase)) return [];
    const since = last.finishedAt ?? last.startedAt;
    return [{ title: titleOf(entity), to: tabPath(entity, 'pipeline'), what: 'The last run failed', word: last.phase, since }];
  });
  const undecided = models.flatMap(entity => {
    const latest = live.models?.find(({ name }) => name === annotation(entity, MODEL))?.latest;
    const version = latest && live.governed?.get(annotation(entity, MODEL)!)?.versions[latest.version];
    if (!latest || version?.state !== 'unapproved') return [];
    const missing = version.checks.filter(({ ok }) => !ok);
    const what = missing.length
      ? missing.map(({ title, reason }) => `Version ${latest.version}: ${title} – ${reason}`)
      : [`Version ${latest.version} waits for approval`];
    const since = latest.createdAt;
    return what.map(words => ({ title: titleOf(entity), to: tabPath(entity, 'model'), what: words, word: 'Undecided', since }));
  });
  return [...unwell, ...broken, ...undecided];
}

export function lastRun(entity: Entity, pipelines: Pipeline[] = []) {
  const ref = pipelineRef(entity);
  return pipelines.find(({ namespace, template }) => `${namespace}/${template}` === ref)?.last;
}

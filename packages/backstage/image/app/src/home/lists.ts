import { Entity } from '@backstage/catalog-model';

export const WORKFLOW = 'idp.dev/workflow-template';
export const MODEL = 'idp.dev/mlflow-model';
export const APPLICATION = 'argocd/app-name';
export const DOCS = 'backstage.io/techdocs-ref';
const NAMESPACE = 'backstage.io/kubernetes-namespace';
const LOCATION = 'backstage.io/managed-by-location';

/** What the home page looks at in an entity. */
export const ANNOTATIONS = [WORKFLOW, MODEL, APPLICATION, DOCS, NAMESPACE, LOCATION];

/** What the home page shows of each kind, or the first of it; one entity may be in more than one list. */
export type Lists = Record<'systems' | 'pipelines' | 'models' | 'services' | 'docs', Entity[]>;

/** How many of each there are. */
export type Totals = Record<keyof Lists, number>;

export const annotation = (entity: Entity, name: string) => entity.metadata.annotations?.[name];

/** NAMESPACE/TEMPLATE of the workflow that an entity runs. */
export function pipelineRef(entity: Entity): string | undefined {
  const template = annotation(entity, WORKFLOW);
  return template && `${annotation(entity, NAMESPACE) ?? 'default'}/${template}`;
}

/** OWNER/NAME of the repository that describes an entity. */
export function repositoryOf(entity: Entity): string | undefined {
  return annotation(entity, LOCATION)?.match(/^url:https?:\/\/[^/]+\/([^/]+\/[^/]+)\/src\/branch\//)?.[1];
}

const WELL_KNOWN = ['accuracy', 'f1', 'roc_auc', 'r2', 'rmse', 'mae'];

/** The one figure that tells most about a model: a well-known metric, or the first by name. */
export function headline(metrics: Record<string, number>): { name: string; value: string } | undefined {
  const names = Object.keys(metrics).sort();
  const name = WELL_KNOWN.find(known => names.includes(known)) ?? names[0];
  return name === undefined ? undefined : { name, value: figure(metrics[name]) };
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

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

import { Entity } from '@backstage/catalog-model';
import { MlflowExperiment, MlflowModel } from '../adapters/mlflow';
import { newest, pages, record } from './records';

export const MODEL_ANNOTATION = 'idp.dev/mlflow-model';
export const EXPERIMENT_ANNOTATION = 'idp.dev/mlflow-experiment';

export type MlDocument = { title: string; text: string; location: string };

/** Tags that nobody looks for by their value; they would bury the rest. */
const MACHINE = /sha256$|^runtime\./;

const words = (tags: Record<string, string>) =>
  Object.entries(tags)
    .filter(([key, value]) => value && !MACHINE.test(key))
    .map(([key, value]) => `${key} ${value}`);

const sentence = (parts: (string | undefined)[]) => parts.filter(Boolean).join(' · ');

/** What search finds of a registered model. */
export function modelDocument(model: MlflowModel, entities: Entity[], url: string): MlDocument {
  const version = newest(model);
  const production = model.aliases?.find(({ alias }) => alias === 'production');
  const entity = pick(entities, MODEL_ANNOTATION, model.name, 'Resource');
  return {
    title: model.name,
    text: sentence([
      'Model',
      version && `newest version ${version.version}`,
      production && `version ${production.version} in production`,
      model.description,
      entity?.metadata.description,
      ...words(record(model.tags)),
      ...words(record(version?.tags)),
    ]),
    location: entity ? tab(entity, 'model') : pages(url).model(model.name),
  };
}

/** What search finds of an experiment. */
export function experimentDocument(experiment: MlflowExperiment, entities: Entity[], url: string): MlDocument {
  const entity = pick(entities, EXPERIMENT_ANNOTATION, experiment.name, 'Component');
  const { 'mlflow.note.content': note, ...tags } = record(experiment.tags);
  const own = Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('mlflow.')));
  return {
    title: experiment.name,
    text: sentence(['Experiment', note, entity?.metadata.description, ...words(own)]),
    location: entity ? tab(entity, 'experiments') : pages(url).experiment(experiment.experiment_id),
  };
}

/** The entity whose page shows it: of several, one of the kind that stands for the thing itself. */
function pick(entities: Entity[], annotation: string, name: string, kind: string): Entity | undefined {
  const about = entities.filter(({ metadata }) => metadata.annotations?.[annotation] === name);
  return about.find(entity => entity.kind === kind) ?? about[0];
}

function tab({ kind, metadata: { namespace = 'default', name } }: Entity, path: string): string {
  return `/catalog/${namespace}/${kind.toLowerCase()}/${name}/${path}`;
}

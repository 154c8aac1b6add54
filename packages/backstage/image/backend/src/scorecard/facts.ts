import { ANNOTATION_SOURCE_LOCATION, Entity, RELATION_DEPENDS_ON, stringifyEntityRef } from '@backstage/catalog-model';
import { Trees } from '../adapters/trees';
import { checksFor, Facts } from './checks';

const LOCATIONS = [ANNOTATION_SOURCE_LOCATION, 'backstage.io/managed-by-location'];
/** data → pipeline → model → service is three steps. */
const STEPS = 4;

/** Where facts come from; each may fail without the others. */
export type Sources = {
  /** Address of Gitea, as the catalogue names it. */
  gitea: string;
  trees: Trees;
  entities(refs: string[]): Promise<(Entity | undefined)[]>;
  /** States of a model's versions; null where it has none. */
  versions(model: string): Promise<Facts['versions']>;
};

/** Everything that the checks of an entity ask about. */
export async function gather(entity: Entity, from: Sources): Promise<Facts> {
  const unknown: Facts['unknown'] = {};
  const noting = <T>(what: keyof Facts['unknown'], question: Promise<T>) =>
    question.catch((error): undefined => {
      unknown[what] = error.message;
      return undefined;
    });
  const asked = checksFor(entity).map(({ id }) => id);
  const model = entity.metadata.annotations?.['idp.dev/mlflow-model'];
  const [owner, sources, contents, versions] = await Promise.all([
    ownerOf(entity, from),
    asked.includes('lineage') ? ancestry(entity, from) : [],
    noting('repository', contentsOf(entity, from)),
    asked.includes('approval') ? noting('versions', model ? from.versions(model) : noModel()) : undefined,
  ]);
  return { entity, owner, sources, versions, ...contents, unknown };
}

async function noModel(): Promise<never> {
  throw new Error('The annotation idp.dev/mlflow-model does not say which model it is');
}

async function ownerOf(entity: Entity, from: Sources): Promise<Entity | null> {
  const ref = entity.relations?.find(({ type }) => type === 'ownedBy')?.targetRef;
  return ref ? ((await from.entities([ref]))[0] ?? null) : null;
}

/** What an entity depends on, step by step; rings end by themselves. */
async function ancestry(entity: Entity, from: Sources): Promise<Entity[]> {
  const seen = new Map<string, Entity>([[stringifyEntityRef(entity), entity]]);
  let front = [entity];
  for (let step = 0; step < STEPS && front.length; step++) {
    const refs = front.flatMap(({ relations = [] }) =>
      relations.filter(({ type }) => type === RELATION_DEPENDS_ON).map(({ targetRef }) => targetRef),
    );
    const fresh = [...new Set(refs)].filter(ref => !seen.has(ref));
    front = (fresh.length ? await from.entities(fresh) : []).filter((found): found is Entity => Boolean(found));
    for (const found of front) seen.set(stringifyEntityRef(found), found);
  }
  return [...seen.values()].slice(1);
}

/** `OWNER/NAME` of the repository that an entity is described in. */
export function repositoryOf({ metadata }: Entity, gitea: string): string | undefined {
  const [location] = LOCATIONS.map(name => metadata.annotations?.[name]).filter(Boolean);
  const path = location?.startsWith(`url:${gitea}/`) ? location.slice(`url:${gitea}/`.length) : '';
  return /^[-\w.]+\/[-\w.]+(?=\/|$)/.exec(path)?.[0];
}

async function contentsOf(entity: Entity, { gitea, trees }: Sources) {
  const repository = repositoryOf(entity, gitea);
  if (!repository) throw new Error('It is not described in a repository of this platform');
  const tree = await trees.tree(repository, 'main');
  if (!tree) throw new Error(`The repository ${repository} cannot be found`);
  const asked = checksFor(entity).map(({ id }) => id);
  const text = async (path: string) => {
    const id = tree.get(path);
    return id ? Buffer.from(await trees.blob(repository, id), 'base64').toString('utf8') : null;
  };
  return {
    repository: { url: `${gitea}/${repository}`, files: [...tree.keys()] },
    card: asked.includes('card') ? await text('docs/model-card.md') : undefined,
    openapi: asked.includes('drift') ? await text('openapi.json') : undefined,
  };
}

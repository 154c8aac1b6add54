import { Entity, getCompoundEntityRef, parseEntityRef } from '@backstage/catalog-model';
import { Check, Scorecard } from './api';

/** What has an owner, a description and a repository of its own; people and places do not. */
export const KINDS = ['component', 'api', 'resource', 'system'];

/** Verdicts, as headings and as the words beside their signs. */
export const VERDICTS = [
  { ok: false, heading: 'To do', word: 'no' },
  { ok: null, heading: 'Could not be found out', word: 'unknown' },
  { ok: true, heading: 'Fine', word: 'yes' },
] as const;

export type Hop = { to: string; words: string };

export const failing = ({ checks }: Scorecard) => checks.filter(({ ok }) => ok === false);
export const unknown = ({ checks }: Scorecard) => checks.filter(({ ok }) => ok === null);

/** The score in words: a percentage alone does not say of how much. */
export function inWords(scorecard: Scorecard): string {
  const { score, checks } = scorecard;
  if (checks.length === 0) return 'No check is about this kind of entry';
  if (score === null) return 'Nothing could be found out';
  const known = checks.length - unknown(scorecard).length;
  return `${known - failing(scorecard).length} of ${known} checks hold`;
}

export function pathOf({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string {
  return `/catalog/${namespace}/${kind.toLowerCase()}/${name}`;
}

/** Where to look at what a check is about, or to mend it; undefined where there is no such place. */
export function hopFrom({ id, url }: Check, entity: Entity): Hop | undefined {
  if (url) return { to: url, words: 'In the repository' };
  const { annotations = {} } = entity.metadata;
  const own = getCompoundEntityRef(entity);
  if (id === 'owner') {
    const owner = entity.relations?.find(({ type }) => type === 'ownedBy')?.targetRef;
    if (owner) return { to: pathOf(parseEntityRef(owner)), words: 'The owner' };
  }
  if (id === 'docs') {
    const elsewhere = annotations['backstage.io/techdocs-entity'];
    const { kind, namespace, name } = elsewhere ? parseEntityRef(elsewhere) : own;
    const page = (elsewhere && annotations['backstage.io/techdocs-entity-path']) || '';
    const docs = `/docs/${namespace}/${kind.toLowerCase()}/${name}${page}`;
    if (elsewhere || annotations['backstage.io/techdocs-ref']) return { to: docs, words: 'The documentation' };
  }
  if (id === 'lineage') return { to: `${pathOf(own)}/lineage`, words: 'The lineage' };
  if (id === 'approval' && annotations['idp.dev/mlflow-model']) return { to: `${pathOf(own)}/model`, words: 'The model' };
  const source = annotations['backstage.io/view-url'];
  return source ? { to: source, words: 'Its entry' } : undefined;
}

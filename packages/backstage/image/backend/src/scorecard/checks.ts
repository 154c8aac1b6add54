import { Entity } from '@backstage/catalog-model';
import { gapsIn } from '../governance/card';

/** What is known about an entity; undefined is what could not be found out, with the reason in `unknown`. */
export type Facts = {
  entity: Entity;
  /** Its owner in the catalogue: null where there is none of that name. */
  owner?: Entity | null;
  /** Everything that it depends on, directly or by way of others. */
  sources: Entity[];
  /** Page of the repository, and paths of the files in it. */
  repository?: { url: string; files: string[] };
  /** The text of the model card; null where the repository has none. */
  card?: string | null;
  /** What the API's description or the service's own says it answers to. */
  openapi?: string | null;
  /** States of the model's versions; null where no version is registered. */
  versions?: Record<string, { state: string }> | null;
  unknown: Partial<Record<'repository' | 'versions', string>>;
};

export type Verdict = { ok: boolean | null; reason: string; url?: string };
export type Check = {
  id: string;
  title: string;
  /** Types (or kinds, in lower case) of entities that it is about; all where there are none. */
  about?: string[];
  judge(facts: Facts): Verdict;
};

const good = (reason: string, url?: string): Verdict => ({ ok: true, reason, url });
const bad = (reason: string, url?: string): Verdict => ({ ok: false, reason, url });
const open = (reason = 'It could not be found out'): Verdict => ({ ok: null, reason });

const MODEL_MAKERS = ['ai-model', 'ml-pipeline'];
const annotation = ({ metadata }: Entity, name: string) => metadata.annotations?.[name];

/** A verdict about files of the repository, where it can be read. */
function inRepository({ repository, unknown }: Facts, judge: (files: string[], url: string) => Verdict): Verdict {
  return repository ? judge(repository.files, repository.url) : open(unknown.repository);
}

/** What a good entry in the catalogue has, in the order in which it is shown. */
export const CHECKS: Check[] = [
  {
    id: 'owner',
    title: 'A group owns it',
    judge({ entity, owner }) {
      const named = entity.spec?.owner;
      if (!named) return bad('No owner is named in catalog-info.yaml');
      if (!owner) return bad(`The owner ${named} is not in the catalogue`);
      if (owner.kind !== 'Group') return bad(`The owner ${named} is no group: a person may leave`);
      return good(`${owner.metadata.title ?? owner.metadata.name} answers for it`);
    },
  },
  {
    id: 'description',
    title: 'It says what it is for',
    judge: ({ entity: { metadata } }) =>
      metadata.description?.trim() ? good(metadata.description) : bad('catalog-info.yaml has no description'),
  },
  {
    id: 'docs',
    title: 'It is documented',
    judge({ entity }) {
      const elsewhere = annotation(entity, 'backstage.io/techdocs-entity');
      if (elsewhere) return good(`Its documentation is that of ${elsewhere}`);
      return annotation(entity, 'backstage.io/techdocs-ref')
        ? good('It has documentation in the portal')
        : bad('The annotation backstage.io/techdocs-ref is missing, so the portal builds no documentation');
    },
  },
  {
    id: 'card',
    title: 'The model card is filled in',
    about: MODEL_MAKERS,
    judge(facts) {
      return inRepository(facts, (_, url) => {
        const gaps = gapsIn(facts.card ?? undefined);
        const page = facts.card ? `${url}/src/branch/main/docs/model-card.md` : url;
        return gaps.length ? bad(`In docs/model-card.md: ${gaps.join('; ')}`, page) : good('Every section has its text', page);
      });
    },
  },
  {
    id: 'licence',
    title: 'It has a licence',
    judge(facts) {
      const label = facts.entity.metadata.labels?.['idp.dev/licence'] ?? annotation(facts.entity, 'idp.dev/licence');
      if (label) return good(label);
      return inRepository(facts, (files, url) => {
        const file = files.find(path => /^(licen[cs]e|copying)(\.\w+)?$/i.test(path));
        return file
          ? good(`${file} is in the repository`, `${url}/src/branch/main/${file}`)
          : bad('The repository has no file LICENSE, and the entity no label idp.dev/licence', url);
      });
    },
  },
  {
    id: 'tests',
    title: 'It is tested',
    judge: facts =>
      inRepository(facts, (files, url) => {
        const tests = files.filter(path => /^tests\/(.*\/)?(test_[^/]*\.py|[^/]*\.test\.[jt]sx?)$/.test(path));
        return tests.length
          ? good(`${tests.length} file${tests.length > 1 ? 's' : ''} with tests`, `${url}/src/branch/main/tests`)
          : bad('The folder tests has no test, or is not there', url);
      }),
  },
  {
    id: 'lineage',
    title: 'Its data can be traced',
    about: [...MODEL_MAKERS, 'model-server', 'ml-batch', 'ml-experiment'],
    judge({ sources }) {
      const data = sources.filter(({ spec }) => spec?.type === 'dataset').map(({ metadata }) => metadata.name);
      return data.length
        ? good(`It comes from ${data.join(', ')}`)
        : bad('Nothing that it depends on (dependsOn) leads to a data set');
    },
  },
  {
    id: 'drift',
    title: 'Drift is watched',
    about: ['model-server'],
    judge(facts) {
      if (annotation(facts.entity, 'idp.dev/drift')) return good('The annotation idp.dev/drift says where');
      return inRepository(facts, (_, url) =>
        facts.openapi?.includes('"/drift"')
          ? good('The service answers to /drift', `${url}/src/branch/main/openapi.json`)
          : bad('The service has no /drift, and the entity no annotation idp.dev/drift', url),
      );
    },
  },
  {
    id: 'approval',
    title: 'Somebody else approved the model',
    about: ['ai-model', 'model-server'],
    judge({ versions, unknown }) {
      if (versions === undefined) return open(unknown.versions);
      if (versions === null) return bad('No version of the model is registered yet');
      const approved = Object.keys(versions)
        .filter(version => ['approved', 'production'].includes(versions[version].state))
        .sort((one, other) => Number(other) - Number(one));
      return approved.length
        ? good(`Version ${approved[0]} is ${versions[approved[0]].state === 'production' ? 'in production' : 'approved'}`)
        : bad('No version is approved');
    },
  },
];

/** The checks that are about an entity. */
export function checksFor({ kind, spec }: Entity): Check[] {
  const words = [kind.toLowerCase(), String(spec?.type ?? '')];
  return CHECKS.filter(({ about }) => !about || about.some(word => words.includes(word)));
}

/** All verdicts, and the share of those that hold among those that are known, in percent. */
export function scorecardOf(facts: Facts) {
  const checks = checksFor(facts.entity).map(({ id, title, judge }) => ({ id, title, ...judge(facts) }));
  const known = checks.filter(({ ok }) => ok !== null);
  const score = known.length ? Math.round((100 * known.filter(({ ok }) => ok).length) / known.length) : null;
  return { score, checks };
}

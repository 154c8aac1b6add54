import { parse } from 'yaml';

const STATES = ['waiting', 'begun', 'done', 'rolled-back'] as const;

/** What a repository's branch or tag, or the repository as a whole, was and is; neither where it was not there. */
export type Move = { repository: string; ref?: string; before?: string; after?: string; url?: string };

/** A promotion as the portal tells it. Times are ISO 8601; `by` is a name, or an address where there is none. */
export type Promotion = {
  id: string;
  url: string;
  state: (typeof STATES)[number];
  from: { name: string; domain?: string; commit?: string };
  to: { name: string; domain?: string };
  by?: string;
  begun?: string;
  finished?: string;
  rolledBack?: { by?: string; at?: string };
  approval?: { by?: string; at?: string; url?: string };
  request?: string;
  platform: Move[];
  repositories: { name: string; isNew: boolean; moves: Move[] }[];
  images: { name: string; digest: string }[];
  services: string[];
  models: { name: string; versions: { version: string; sha256: string }[]; aliases: { alias: string; version: string }[] }[];
  difference: string[];
  checks: { name: string; passed: boolean; detail?: string }[];
};

/** A record that cannot be read, and why. */
export type Broken = { id: string; url: string; broken: string };
export type Entry = Promotion | Broken;

/** Where the records lie: the pages of Gitea, and OWNER/NAME in it. */
export type Place = { git: string; repository: string };

const LARGEST = 1_000_000;
const COMMIT = /^[0-9a-f]{7,64}$/;
const REPOSITORY = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;
// It becomes part of a command that people copy.
const PLATFORM = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export const pathOf = (id: string) => `records/${id}.yaml`;

/** The IDs of the records among a repository's files, the newest first: they begin with their time. */
export function idsIn(paths: Iterable<string>): string[] {
  const ids = [...paths].flatMap(path => /^records\/([^/]+)\.yaml$/.exec(path)?.[1] ?? []);
  return ids.sort().reverse();
}

/** A record from its text; one that is not as it should be hides no other. Pure. */
export function entryFrom(id: string, content: string, place: Place): Entry {
  const url = `${place.git}/${place.repository}/src/branch/main/records/${encodeURIComponent(id)}.yaml`;
  try {
    if (content.length > LARGEST) throw new Error('it is too large');
    // No scalar but text: a commit of digits alone is no number, and a time no other object.
    return { ...promotionFrom(id, mapping('it', parse(content, { schema: 'failsafe' })), place.git), url };
  } catch (error: any) {
    return { id, url, broken: error.message.split('\n')[0] };
  }
}

function promotionFrom(id: string, record: Fields, git: string): Omit<Promotion, 'url'> {
  if (record.id !== id) throw new Error('id is not the name of the file');
  const state = STATES.find(known => known === record.state);
  if (!state) throw new Error(`state is none of ${STATES.join(', ')}`);
  const [from, to] = [mapping('from', record.from), mapping('to', record.to)];
  const rolledBack = optional('rolled_back', record.rolled_back);
  const approval = optional('approval', record.approval);
  return {
    id,
    state,
    from: { name: platform('from.name', from.name), domain: text('from.domain', from.domain), commit: text('from.commit', from.commit) },
    to: { name: platform('to.name', to.name), domain: text('to.domain', to.domain) },
    by: person('by', record.by),
    begun: time('begun', record.begun),
    finished: time('finished', record.finished),
    rolledBack: rolledBack && { by: person('rolled_back.by', rolledBack.by), at: time('rolled_back.at', rolledBack.at) },
    approval: approval && {
      by: person('approval.by', approval.by),
      at: time('approval.at', approval.at),
      url: page('approval.url', approval.url),
    },
    request: page('request', record.request),
    platform: entries('platform', record.platform).map(([name, value]) => {
      const { before, after } = mapping(`platform.${name}`, value);
      return move(git, name, undefined, text(`platform.${name}.before`, before), text(`platform.${name}.after`, after));
    }),
    repositories: entries('repositories', record.repositories).map(([name, value]) => repository(git, name, value)),
    images: texts('images', record.images).map(([name, digest]) => ({ name, digest })),
    services: list('services', record.services).flatMap(value => text('services', value) ?? []),
    models: entries('models', record.models).map(([name, value]) => {
      const { versions, aliases } = mapping(`models.${name}`, value);
      return {
        name,
        versions: texts(`models.${name}.versions`, versions).map(([version, sha256]) => ({ version, sha256 })),
        aliases: texts(`models.${name}.aliases`, aliases).map(([alias, version]) => ({ alias, version })),
      };
    }),
    difference: list('difference', record.difference).flatMap(value => text('difference', value) ?? []),
    checks: list('checks', record.checks).map(value => {
      const { name, passed, detail } = mapping('checks', value);
      return { name: text('checks.name', name) ?? '', passed: passed === 'true', detail: text('checks.detail', detail) };
    }),
  };
}

function repository(git: string, name: string, value: unknown) {
  const fields = mapping(`repositories.${name}`, value);
  const before = new Map(texts(`repositories.${name}.before`, fields.before));
  const after = new Map(texts(`repositories.${name}.after`, fields.after));
  const refs = [...new Set([...before.keys(), ...after.keys()])].filter(ref => before.get(ref) !== after.get(ref));
  return { name, isNew: before.size === 0, moves: refs.map(ref => move(git, name, ref, before.get(ref), after.get(ref))) };
}

function move(git: string, name: string, ref: string | undefined, before?: string, after?: string): Move {
  return { repository: name, ref, before, after, url: pageOf(git, name, ref, before, after) };
}

/** Gitea's page for what has changed; none for what is gone. */
function pageOf(git: string, name: string, ref?: string, before?: string, after?: string): string | undefined {
  if (!REPOSITORY.test(name) || name.includes('..') || !after || !COMMIT.test(after)) return undefined;
  // A tag may name an object of its own, which is no commit.
  const tag = ref && /^refs\/tags\/(.+)$/.exec(ref)?.[1];
  if (tag) return `${git}/${name}/src/tag/${tag.split('/').map(encodeURIComponent).join('/')}`;
  if (!before || before === after || !COMMIT.test(before)) return `${git}/${name}/commit/${after}`;
  return `${git}/${name}/compare/${before}...${after}`;
}

type Fields = Record<string, unknown>;

const isAbsent = (value: unknown) => value === undefined || value === null || ['', 'null', '~'].includes(value as string);

function mapping(what: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`${what} is not a mapping`);
}

function optional(what: string, value: unknown): Fields | undefined {
  return isAbsent(value) ? undefined : mapping(what, value);
}

function entries(what: string, value: unknown): [string, unknown][] {
  return Object.entries(optional(what, value) ?? {});
}

function texts(what: string, value: unknown): [string, string][] {
  return entries(what, value).map(([key, inner]) => [key, text(`${what}.${key}`, inner) ?? '']);
}

function list(what: string, value: unknown): unknown[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value)) return value;
  throw new Error(`${what} is not a list`);
}

function text(what: string, value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'string') return value;
  throw new Error(`${what} is not a text`);
}

function platform(what: string, value: unknown): string {
  const name = text(what, value) ?? '';
  if (!PLATFORM.test(name)) throw new Error(`${what} is not the name of a platform`);
  return name;
}

function person(what: string, value: unknown): string | undefined {
  const fields = optional(what, value);
  return fields && (text(`${what}.name`, fields.name) ?? text(`${what}.email`, fields.email));
}

function time(what: string, value: unknown): string | undefined {
  const said = text(what, value);
  if (said !== undefined && Number.isNaN(Date.parse(said))) throw new Error(`${what} is not a time`);
  return said;
}

/** An address that is safe to follow. */
function page(what: string, value: unknown): string | undefined {
  const said = text(what, value);
  if (said !== undefined && !/^https?:\/\/[^\s]+$/.test(said)) throw new Error(`${what} is not the address of a page`);
  return said;
}

import { Entity, parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';

/** Relations that say what something comes from, and those that say what comes of it. */
const UPSTREAM = ['dependsOn', 'apiProvidedBy', 'consumesApi'];
const DOWNSTREAM = ['dependencyOf', 'providesApi', 'apiConsumedBy'];
/** Where something runs that does not run here. */
const ELSEWHERE = 'idp.dev/external-url';
const PARTS = 'hasPart';
const PART_KINDS = ['component', 'resource', 'api'];

/** More would be no picture. */
export const MOST_NODES = 100;

export type Shape = 'data' | 'pipeline' | 'model' | 'service' | 'api' | 'other';

export type Node = {
  ref: string;
  title: string;
  /** What it is, in words. */
  kind: string;
  shape: Shape;
  /** It runs elsewhere, or is known by name only. */
  external: boolean;
  /** The catalogue has no such entity, or none that may be seen. */
  missing: boolean;
  description?: string;
};

/** Something flows from one to the other: data, a model, answers. */
export type Edge = { from: string; to: string };

export type Lineage = {
  nodes: Node[];
  edges: Edge[];
  /** The entities that it was asked for. */
  focus: string[];
  upstream: Set<string>;
  downstream: Set<string>;
  /** Whether there is more than is shown. */
  cut: boolean;
};

/** Entities by reference, in the same order; one question. */
export type Fetch = (refs: string[]) => Promise<(Entity | undefined)[]>;

export const FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.title',
  'metadata.description',
  `metadata.annotations.${ELSEWHERE}`,
  'metadata.tags',
  'spec.type',
  'relations',
];

/** All that an entity comes from and all that comes of it; of a system, of each of its parts. */
export async function trace(entity: Entity, fetch: Fetch, most = MOST_NODES): Promise<Lineage> {
  const known = new Map<string, Entity | undefined>();
  const ref = stringifyEntityRef(entity);
  const parts = related(entity, [PARTS]).filter(part => PART_KINDS.includes(parseEntityRef(part).kind));
  const focus = entity.kind === 'System' ? parts.slice(0, most) : [ref];
  if (entity.kind !== 'System') known.set(ref, entity);
  const told = await load(focus, known, fetch);
  const edges = new Map<string, Edge>();
  // Level by level in both directions at once, so that the nearest are there when it becomes too much.
  const reached = { up: new Set(told), down: new Set(told) };
  let [ups, downs, cut] = [told, told, parts.length > most && entity.kind === 'System'];
  while (ups.length > 0 || downs.length > 0) {
    const up = step(ups, UPSTREAM, known, (near, far) => ({ from: far, to: near }));
    const down = step(downs, DOWNSTREAM, known, (near, far) => ({ from: near, to: far }));
    const fresh = [...new Set([...up.refs, ...down.refs])].filter(found => !known.has(found));
    const room = fresh.slice(0, Math.max(0, most - known.size));
    cut ||= room.length < fresh.length;
    await load(room, known, fetch);
    for (const edge of [...up.edges, ...down.edges]) {
      if (known.has(edge.from) && known.has(edge.to)) edges.set(`${edge.from} ${edge.to}`, edge);
    }
    ups = advance(up.refs, reached.up, known);
    downs = advance(down.refs, reached.down, known);
  }
  const without = (refs: Set<string>) => new Set([...refs].filter(found => !focus.includes(found)));
  return {
    nodes: [...known].map(([found, value]) => describe(found, value)),
    edges: [...edges.values()],
    focus,
    upstream: without(reached.up),
    downstream: without(reached.down),
    cut,
  };
}

function related(entity: Entity | undefined, types: string[]): string[] {
  return (entity?.relations ?? []).filter(({ type }) => types.includes(type)).map(({ targetRef }) => targetRef);
}

function step(
  refs: string[],
  types: string[],
  known: Map<string, Entity | undefined>,
  edge: (near: string, far: string) => Edge,
) {
  const edges = refs.flatMap(near => related(known.get(near), types).map(far => edge(near, far)));
  return { edges, refs: [...new Set(edges.flatMap(({ from, to }) => [from, to]))] };
}

/** Those that are new in this direction: a circle ends where it began. */
function advance(refs: string[], reached: Set<string>, known: Map<string, unknown>): string[] {
  const next = refs.filter(ref => known.has(ref) && !reached.has(ref));
  next.forEach(ref => reached.add(ref));
  return next;
}

async function load(refs: string[], known: Map<string, Entity | undefined>, fetch: Fetch): Promise<string[]> {
  const wanted = refs.filter(ref => !known.has(ref));
  const found = wanted.length > 0 ? await fetch(wanted) : [];
  wanted.forEach((ref, index) => known.set(ref, found[index]));
  return refs;
}

const SHAPES: Record<string, [Shape, string]> = {
  dataset: ['data', 'data set'],
  'feature-view': ['data', 'features'],
  's3-bucket': ['data', 'bucket'],
  database: ['data', 'database'],
  'ml-pipeline': ['pipeline', 'pipeline'],
  'ml-batch': ['pipeline', 'batch'],
  'ml-experiment': ['pipeline', 'experiment'],
  'ai-model': ['model', 'model'],
  'model-server': ['service', 'service'],
  'llm-app': ['service', 'application'],
};

/** What a node says and how it looks; of an unknown entity no more than its reference tells. */
export function describe(ref: string, entity?: Entity): Node {
  const { kind, name } = parseEntityRef(ref);
  const type = String(entity?.spec?.type ?? kind);
  const [shape, words] = kind === 'api' ? (['api', 'API'] as const) : SHAPES[type] ?? (['other', type] as const);
  const elsewhere =
    entity?.metadata.annotations?.[ELSEWHERE] || entity?.metadata.tags?.includes('external');
  return {
    ref,
    title: entity?.metadata.title ?? name,
    kind: words,
    shape,
    external: Boolean(elsewhere),
    missing: !entity,
    description: entity?.metadata.description,
  };
}

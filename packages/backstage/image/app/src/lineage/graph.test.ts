import { Entity } from '@backstage/catalog-model';
import { describe as describeNode, trace } from './graph';
import { layout, NODE } from './layout';

const OPPOSITE: Record<string, string> = {
  dependsOn: 'dependencyOf',
  providesApi: 'apiProvidedBy',
  consumesApi: 'apiConsumedBy',
  hasPart: 'partOf',
};

/** A catalogue from lines such as "component:default/a dependsOn resource:default/b". */
function catalogue(lines: string[]) {
  const entities = new Map<string, Entity>();
  const entity = (ref: string) => {
    const [kind, name] = ref.split(':default/');
    const kinds: Record<string, string> = { api: 'API', system: 'System', resource: 'Resource', component: 'Component' };
    if (!entities.has(ref)) {
      entities.set(ref, { apiVersion: 'backstage.io/v1alpha1', kind: kinds[kind], metadata: { name }, relations: [] });
    }
    return entities.get(ref)!;
  };
  for (const line of lines) {
    const [from, type, to] = line.split(' ');
    entity(from).relations!.push({ type, targetRef: to });
    entity(to).relations!.push({ type: OPPOSITE[type], targetRef: from });
  }
  const fetch = jest.fn(async (refs: string[]) => refs.map(ref => entities.get(ref)));
  return { entity, fetch, entities };
}

const [LAKE, DATA, PIPELINE, MODEL, SERVICE, API, SHOP] = [
  'component:default/lake',
  'resource:default/readings',
  'component:default/pump',
  'resource:default/pump',
  'component:default/pump-api',
  'api:default/pump-api',
  'component:default/shop',
];
const STORY = [
  `${DATA} dependsOn ${LAKE}`,
  `${PIPELINE} dependsOn ${DATA}`,
  `${MODEL} dependsOn ${DATA}`,
  `${MODEL} dependsOn ${PIPELINE}`,
  `${SERVICE} dependsOn ${MODEL}`,
  `${SERVICE} providesApi ${API}`,
  `${SHOP} consumesApi ${API}`,
];

describe('trace', () => {
  it('follows a model back to its data and on to its consumers, one question per level', async () => {
    const { entity, fetch } = catalogue(STORY);
    const { nodes, edges, upstream, downstream, cut } = await trace(entity(MODEL), fetch);
    expect(nodes).toHaveLength(7);
    expect(edges).toHaveLength(STORY.length);
    expect([...upstream].sort()).toEqual([LAKE, PIPELINE, DATA].sort());
    expect([...downstream].sort()).toEqual([API, SHOP, SERVICE].sort());
    expect(cut).toBe(false);
    expect(fetch).toHaveBeenCalledTimes(3);
    expect(edges).toContainEqual({ from: API, to: SHOP });
    expect(edges).toContainEqual({ from: LAKE, to: DATA });
  });

  it('leaves out what merely shares a source', async () => {
    const { entity, fetch } = catalogue([...STORY, `component:default/other dependsOn ${DATA}`]);
    const { nodes } = await trace(entity(SERVICE), fetch);
    expect(nodes.map(({ ref }) => ref)).not.toContain('component:default/other');
  });

  it('shows of a system all of its parts and what they hang together with', async () => {
    const system = 'system:default/pump';
    const parts = [PIPELINE, MODEL, SERVICE, API].map(part => `${system} hasPart ${part}`);
    const { entity, fetch } = catalogue([...STORY, ...parts]);
    const { nodes, focus } = await trace(entity(system), fetch);
    expect(focus).toHaveLength(4);
    expect(nodes).toHaveLength(7);
  });

  it('ends where a circle closes', async () => {
    const [a, b] = ['component:default/a', 'component:default/b'];
    const { entity, fetch } = catalogue([`${a} dependsOn ${b}`, `${b} dependsOn ${a}`]);
    const found = await trace(entity(a), fetch);
    expect(found.nodes).toHaveLength(2);
    expect(layout(found).nodes).toHaveLength(2);
  });

  it('stops at the limit and says so', async () => {
    const many = Array.from({ length: 150 }, (_, index) => `component:default/c${index} dependsOn ${DATA}`);
    const { entity, fetch } = catalogue(many);
    const { nodes, cut } = await trace(entity(DATA), fetch);
    expect(nodes).toHaveLength(100);
    expect(cut).toBe(true);
  });

  it('keeps what the catalogue does not know', async () => {
    const { entity, entities, fetch } = catalogue(STORY);
    const model = entity(MODEL);
    entities.delete(DATA);
    const { nodes } = await trace(model, fetch);
    expect(nodes.find(({ ref }) => ref === DATA)).toMatchObject({ title: 'readings', kind: 'resource', missing: true });
  });
});

describe('a node', () => {
  const entity = (kind: string, type: string, annotations = {}) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name: 'x', annotations },
    spec: { type },
  });
  it.each([
    [entity('Resource', 'dataset'), 'data', 'data set', false],
    [entity('Component', 'ml-pipeline'), 'pipeline', 'pipeline', false],
    [entity('Resource', 'ai-model'), 'model', 'model', false],
    [entity('Component', 'model-server'), 'service', 'service', false],
    [entity('API', 'openapi'), 'api', 'API', false],
    [entity('Component', 'glue-job', { 'idp.dev/external-url': 'https://x' }), 'other', 'glue-job', true],
  ])('of %j is drawn as %s and called %s', (value, shape, kind, external) => {
    expect(describeNode(`${value.kind.toLowerCase()}:default/x`, value)).toMatchObject({ shape, kind, external });
  });
});

describe('layout', () => {
  it('puts everything to the right of all that it comes from', async () => {
    const { entity, fetch } = catalogue(STORY);
    const found = await trace(entity(MODEL), fetch);
    const picture = layout(found);
    const x = new Map(picture.nodes.map(node => [node.ref, node.x]));
    for (const { from, to } of found.edges) expect(x.get(from)!).toBeLessThan(x.get(to)!);
    expect([...x.values()].every(value => value + NODE.width <= picture.width)).toBe(true);
    expect(new Set(picture.nodes.map(node => `${node.x} ${node.y}`)).size).toBe(7);
  });
});

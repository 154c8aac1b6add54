import { Runs } from './runs';

const workflow = (name: string, at: string, template = 'iris') => ({
  metadata: { name, namespace: 'ml-iris', uid: name, resourceVersion: '1', creationTimestamp: at },
  spec: { workflowTemplateRef: { name: template } },
  status: { phase: 'Succeeded', nodes: {
    g: { id: 'g', type: 'DAG', displayName: 'all' },
    b: { id: 'b', type: 'Pod', displayName: 'train', phase: 'Failed', message: 'OOMKilled', startedAt: '2026-01-02' },
    a: { id: 'a', type: 'Pod', displayName: 'tests', phase: 'Succeeded', startedAt: '2026-01-01' },
  } },
});

/** A cluster with these workflows, and one pod of a step. */
function cluster(workflows: ReturnType<typeof workflow>[]) {
  const pods = [{ metadata: { name: 'pod-a', annotations: { 'workflows.argoproj.io/node-id': 'a' } } }];
  return {
    list: jest.fn(async (path: string) => ({ status: 200, body: { items: path.includes('/pods') ? pods : workflows } })),
    get: jest.fn(async (path: string): Promise<any> => {
      const body = path.includes('/workflowtemplates/')
        ? { metadata: { name: 'iris', namespace: 'ml-iris', labels: { 'backstage.io/kubernetes-id': 'iris', x: 'y' } } }
        : workflows.find(({ metadata }) => path.endsWith(`/${metadata.name}`));
      return { status: body ? 200 : 404, body };
    }),
    text: jest.fn(async () => ({ status: 200, text: 'a line' })),
    post: jest.fn(async (_: string, __: object) => ({ status: 201, body: { metadata: { name: 'iris-manual-x' } } })),
    patch: jest.fn(),
  };
}

describe('Runs', () => {
  const three = [workflow('a', '2026-01-01'), workflow('c', '2026-01-03'), workflow('b', '2026-01-02')];

  it('pages from the newest to the oldest', async () => {
    const runs = new Runs(cluster(three));
    const first = await runs.page('ml-iris', 'iris', 2);
    expect(first.runs.map(({ name }) => name)).toEqual(['c', 'b']);
    const second = await runs.page('ml-iris', 'iris', 2, first.next);
    expect(second).toMatchObject({ runs: [{ name: 'a' }] });
    expect(second.next).toBeUndefined();
  });

  it('shows pods in their order and leaves other templates out', async () => {
    const { runs } = await new Runs(cluster([workflow('a', '1'), workflow('o', '2', 'other')])).page('ml-iris', 'iris', 5);
    expect(runs).toHaveLength(1);
    expect(runs[0].steps.map(({ name }) => name)).toEqual(['tests', 'train']);
    expect(runs[0].steps[1].message).toBe('OOMKilled');
  });

  it('reads a run once while it does not change', async () => {
    const asked = cluster(three);
    const runs = new Runs(asked);
    await runs.page('ml-iris', 'iris', 3);
    await runs.latest(['ml-iris/iris', 'ml-wine/wine']);
    expect(asked.get).toHaveBeenCalledTimes(3);
  });

  it('says that there are no Workflows', async () => {
    const without = { ...cluster([]), list: async () => ({ status: 404, body: {} }) };
    await expect(new Runs(without).page('ml-iris', 'iris', 5)).rejects.toThrow('This platform has no Workflows');
  });

  it('reads logs of pods of the run alone', async () => {
    const runs = new Runs(cluster([]));
    await expect(runs.log('ml-iris', 'iris-1', 'a')).resolves.toBe('a line');
    await expect(runs.log('ml-iris', 'iris-1', 'else')).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(runs.log('ml-iris/secrets', 'iris-1', 'a')).rejects.toMatchObject({ name: 'InputError' });
  });

  it('starts a run that says who asked for it', async () => {
    const asked = cluster([]);
    await expect(new Runs(asked).start('ml-iris', 'iris', 'user:default/ada')).resolves.toEqual({ name: 'iris-manual-x' });
    expect(asked.post.mock.calls[0][1]).toMatchObject({
      metadata: {
        generateName: 'iris-manual-',
        labels: { 'backstage.io/kubernetes-id': 'iris' },
        annotations: { 'idp.dev/started-by': 'user:default/ada' },
      },
      spec: { arguments: {}, serviceAccountName: 'pipeline', workflowTemplateRef: { name: 'iris' } },
    });
  });
});

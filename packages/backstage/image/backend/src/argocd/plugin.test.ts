import { summarize } from './application';
import { Applications } from './applications';

const GIT = { inCluster: 'http://gitea.gitea.svc:3000', forPeople: 'https://gitea.idp.localhost:8443' };

const APPLICATION = {
  metadata: { name: 'iris' },
  spec: {
    source: { repoURL: 'http://gitea.gitea.svc:3000/ml/iris.git', path: 'deploy' },
    destination: { namespace: 'ml-iris' },
  },
  status: {
    sync: { status: 'Synced', revision: '0123456789abcdef' },
    health: { status: 'Degraded', message: 'back-off' },
    conditions: [{ message: 'something else' }],
    operationState: { phase: 'Succeeded', message: 'successfully synced', finishedAt: '2026-11-23T17:00:00Z' },
    summary: { images: ['idp.local/ml-runtime@sha256:abc'] },
    resources: [{ kind: 'Deployment', name: 'iris', status: 'Synced', health: { status: 'Degraded' } }],
  },
};

describe('summarize', () => {
  it('keeps what matters, and complaints only', () => {
    expect(summarize(APPLICATION, GIT)).toEqual({
      name: 'iris',
      sync: 'Synced',
      health: 'Degraded',
      messages: ['back-off', 'something else'],
      revision: '0123456789abcdef',
      revisionUrl: 'https://gitea.idp.localhost:8443/ml/iris/commit/0123456789abcdef',
      deployedAt: '2026-11-23T17:00:00Z',
      namespace: 'ml-iris',
      images: ['idp.local/ml-runtime@sha256:abc'],
      resources: [{ kind: 'Deployment', name: 'iris', sync: 'Synced', health: 'Degraded' }],
      history: [],
    });
  });

  it('knows nothing of an application that Argo CD has not looked at', () => {
    expect(summarize({ metadata: { name: 'iris' } }, GIT)).toMatchObject({
      sync: 'Unknown',
      health: 'Unknown',
      messages: [],
    });
  });

  it('knows no page for a commit on another server', () => {
    const elsewhere = { ...APPLICATION, spec: { source: { repoURL: 'https://elsewhere/ml/iris.git' } } };
    expect(summarize(elsewhere, GIT).revisionUrl).toBeUndefined();
  });
});

describe('Applications', () => {
  const cluster = (status: number, body: object = {}) => ({ get: async () => ({ status, body }), patch: jest.fn() });
  const settings = { namespace: 'argocd', project: 'deployments', git: GIT };
  const of = (from: ReturnType<typeof cluster>) => new Applications(from, {} as any, settings);

  it.each([
    [404, 'NotFoundError'],
    [403, 'NotAllowedError'],
    [500, 'ServiceUnavailableError'],
  ])('turns %i into a %s', async (status, name) => {
    await expect(of(cluster(status)).one('iris')).rejects.toMatchObject({ name });
  });

  it('says so when there is no cluster to ask', async () => {
    const away = { get: () => Promise.reject(new Error('no route')), patch: jest.fn() };
    await expect(of(away).one('iris')).rejects.toThrow('no route');
  });

  it('asks about no path but an application', async () => {
    await expect(of(cluster(200)).one('../../secrets')).rejects.toMatchObject({ name: 'InputError' });
  });

  it('lists those that were asked for', async () => {
    const found = await of(cluster(200, { items: [APPLICATION, { metadata: { name: 'wine' } }] })).named(['wine']);
    expect(found).toEqual([{ name: 'wine', sync: 'Unknown', health: 'Unknown', deployedAt: undefined }]);
  });
});

import { summarize } from './application';
import { readApplication } from './plugin';

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

describe('readApplication', () => {
  const cluster = (status: number, body: object = {}) => ({ get: async () => ({ status, body }), patch: jest.fn() });

  it.each([
    [404, 'NotFoundError'],
    [403, 'NotAllowedError'],
    [500, 'ServiceUnavailableError'],
  ])('turns %i into a %s', async (status, name) => {
    await expect(readApplication(cluster(status), 'argocd', 'iris', GIT)).rejects.toMatchObject({ name });
  });

  it('says so when there is no cluster to ask', async () => {
    const away = { get: () => Promise.reject(new Error('no route')), patch: jest.fn() };
    await expect(readApplication(away, 'argocd', 'iris', GIT)).rejects.toThrow('no route');
  });
});

import { parse } from 'yaml';
import { Cluster, ClusterResponse } from '../adapters/kubernetes';
import { applicationFor } from './application';
import { personOf, refreshDeployments } from './deploy';

const settings = {
  deployments: 'idp/deployments',
  giteaInCluster: 'http://gitea.gitea.svc:3000',
  argocd: { namespace: 'argocd', deploymentsApplication: 'deployments', project: 'deployments' },
};

describe('applicationFor', () => {
  const service = { name: 'iris', repository: 'ml/iris', branch: 'main', path: 'deploy', namespace: 'ml-iris' };

  it('follows the repository inside the cluster', () => {
    const { metadata, spec } = parse(applicationFor({ ...service, owner: 'group:default/ml-team' }, settings));
    expect(metadata).toMatchObject({ name: 'iris', namespace: 'argocd' });
    expect(metadata.annotations).toMatchObject({ 'idp.dev/owner': 'group:default/ml-team' });
    expect(metadata.annotations).toHaveProperty(['argocd.argoproj.io/compare-options'], 'IncludeMutationWebhook=true');
    expect(spec.project).toBe('deployments');
    expect(spec.source).toEqual({
      repoURL: 'http://gitea.gitea.svc:3000/ml/iris.git',
      targetRevision: 'main',
      path: 'deploy',
    });
    expect(spec.destination.namespace).toBe('ml-iris');
  });

  it('brings the facts of the platform that the repository does not know', () => {
    const images = { 'ml-runtime': `123456789012.dkr.ecr.eu-central-1.amazonaws.com/idp/ml-runtime@sha256:${'0'.repeat(64)}` };
    const text = applicationFor({ ...service, images, host: 'iris.idp.localhost' }, settings);
    const { kustomize } = parse(text).spec.source;
    expect(kustomize.images).toEqual([`ml-runtime=${images['ml-runtime']}`]);
    expect(kustomize.patches).toHaveLength(1);
    expect(kustomize.patches[0].target).toEqual({ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'iris' });
    expect(parse(kustomize.patches[0].patch)).toEqual([
      { op: 'add', path: '/spec/hostnames', value: ['iris.idp.localhost'] },
    ]);
    // A promotion translates them as they stand in the text.
    expect(text).toContain(`ml-runtime=${images['ml-runtime']}`);
    expect(text).toContain('iris.idp.localhost');
  });

  it('is the same text every time, so that nothing is committed twice', () => {
    expect(applicationFor(service, settings)).toBe(applicationFor({ ...service }, settings));
  });
});

describe('refreshDeployments', () => {
  const logger = { info: jest.fn(), warn: jest.fn() } as any;
  const patched = (answer: Promise<ClusterResponse>) => {
    const patch = jest.fn().mockReturnValue(answer);
    return { patch, cluster: { get: jest.fn(), patch } as Cluster };
  };
  beforeEach(() => jest.clearAllMocks());

  it('annotates the one application that lists the services', async () => {
    const { cluster, patch } = patched(Promise.resolve({ status: 200, body: {} }));
    await refreshDeployments(cluster, settings, logger);
    expect(patch).toHaveBeenCalledWith(
      '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/deployments',
      { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
    );
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it.each([
    ['a refusal', Promise.resolve({ status: 403, body: { message: 'forbidden' } }), 'forbidden'],
    ['no cluster', Promise.resolve().then(() => Promise.reject(new Error('no cluster'))), 'no cluster'],
  ])('goes on after %s, and says what happens instead', async (_, answer, reason) => {
    await refreshDeployments(patched(answer).cluster, settings, logger);
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining(reason));
  });
});

describe('personOf', () => {
  const user = (profile?: object) =>
    ({ apiVersion: 'v1', kind: 'User', metadata: { name: 'ada' }, spec: { profile, memberOf: [] } }) as any;

  it.each([
    [user({ displayName: 'Ada', email: 'ada@x' }), { name: 'Ada', email: 'ada@x' }],
    [user({ email: 'ada@x' }), { name: 'ada', email: 'ada@x' }],
    [user(), undefined],
    [undefined, undefined],
  ])('of %j', (entity, person) => {
    expect(personOf(entity)).toEqual(person);
  });
});

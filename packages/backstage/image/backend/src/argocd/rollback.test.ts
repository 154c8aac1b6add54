import { changesTo, rollBack } from './rollback';

const GIT = { inCluster: 'http://gitea', forPeople: 'https://gitea' };
const OLD = 'a'.repeat(40);
const application = (project = 'deployments') => ({
  metadata: { name: 'iris' },
  spec: { project, source: { repoURL: 'http://gitea/ml/iris.git', targetRevision: 'main' } },
  status: { history: [{ id: 3, revision: OLD, deployedAt: '2026-11-23T17:00:00Z' }] },
});
const trees = (wanted: object, current: object) => ({
  tree: async (_: string, ref: string) => new Map(Object.entries(ref === OLD ? wanted : current)),
  blob: async (_: string, id: string) => `content of ${id}`,
  commit: jest.fn(async () => 'c0ffee'),
});

describe('roll back', () => {
  it('changes what runs, and leaves documentation, catalogue and approvals alone', () => {
    const wanted = new Map([['deploy/a.yaml', '1'], ['docs/index.md', '1'], ['approval/approval.toml', '1']]);
    const current = new Map([['deploy/a.yaml', '2'], ['docs/index.md', '2'], ['catalog-info.yaml', '1']]);
    expect(changesTo(wanted, current)).toEqual([{ path: 'deploy/a.yaml', from: '2', to: '1' }]);
  });

  it('is one commit on the branch that Argo CD follows', async () => {
    const git = trees({ 'a.yaml': '1', 'b.yaml': '2' }, { 'a.yaml': '9', 'c.yaml': '3' });
    const request = { application: application(), id: 3, project: 'deployments', user: 'user:default/ada' };
    await expect(rollBack(request, GIT, git as any)).resolves.toEqual({
      commit: 'c0ffee',
      url: 'https://gitea/ml/iris/commit/c0ffee',
    });
    const files = [
      { operation: 'update', path: 'a.yaml', content: 'content of 1', sha: '9' },
      { operation: 'create', path: 'b.yaml', content: 'content of 2' },
      { operation: 'delete', path: 'c.yaml', sha: '3' },
    ];
    const message = expect.stringContaining('user:default/ada');
    expect(git.commit).toHaveBeenCalledWith('ml/iris', 'main', files, message, undefined);
  });

  it.each([
    ['a part of the platform', application('platform'), 3, 'NotAllowedError'],
    ['what was never deployed', application(), 4, 'NotFoundError'],
    ['what is deployed anyway', application(), 3, 'ConflictError'],
  ])('refuses %s', async (_, asked, id, name) => {
    const request = { application: asked, id, project: 'deployments', user: 'user:default/ada' };
    await expect(rollBack(request, GIT, trees({ a: '1' }, { a: '1' }) as any)).rejects.toMatchObject({ name });
  });
});

import { Governance } from './governance';
import { Actor } from './people';

const CARD = '# Pump\n\n## Intended use\nWarn.\n\n## Data\nReadings.\n\n## Limits and risks\nSmall.\n';
const TAGS = {
  'data.name': 'readings', 'data.version': '3', 'data.sha256': 'da7a',
  'code.repository': 'ml/pump', 'code.commit': 'c0de', 'pipeline.run': 'pump-1', 'model.sha256': 'a0de1',
};
const pairs = (given: Record<string, string>) => Object.entries(given).map(([key, value]) => ({ key, value }));
const actor = (login: string, rights: Partial<Actor> = {}): Actor => ({
  ref: `user:default/${login}`, name: login, email: `${login}@example.test`, approver: true, owner: false, ...rights,
});
const approver = actor('approver');
const entity: any = {
  kind: 'Resource',
  metadata: { name: 'pump', annotations: {} },
  spec: { owner: 'group:default/ml-team' },
};

/** Gitea, MLflow and the cluster with one version by `author`. */
function platform(gate = 'passed') {
  const kept: Record<string, string> = {};
  const done: string[] = [];
  const files: Record<string, string> = { 'ml/pump docs/model-card.md': CARD };
  const read = async (repository: string, path: string) => {
    const text = files[`${repository} ${path}`] ?? kept[path];
    return text === undefined ? undefined : { text, sha: 'blob' };
  };
  const systems: any = {
    repository: 'idp/governance',
    robot: 'gitea-bot',
    secret: async () => 'secret',
    cluster: { get: async () => ({ status: 404 }) },
    mlflow: {
      model: async () => ({ name: 'pump', aliases: [] }),
      version: async () => ({ name: 'pump', version: '1', run_id: 'r1', tags: pairs(TAGS) }),
      run: async () => ({ data: { tags: pairs({ gate }), metrics: [], params: [] } }),
      files: async () => ['importance.json', 'model-card.md'],
      file: async () => Buffer.from('{}'),
      promote: async (_name: string, version: string, token: string) => done.push(`promote ${version} ${token}`),
    },
    gitea: {
      baseUrl: 'https://gitea.test',
      commit: async () => ({ author: { login: 'author' } }),
      history: async () => [{ sha: 'cafe' }],
      readFile: read,
      putFile: async (_repository: string, path: string, text: string, { author }: any) => {
        kept[path] = text;
        done.push(`commit ${path} by ${author.email}`);
        return 'cafe';
      },
    },
  };
  return { governance: new Governance(systems), kept, done };
}

describe('Governance', () => {
  it.each([
    ['its author', actor('author'), 'passed', 'somebody else has to approve it'],
    ['somebody who is no approver', actor('other', { approver: false }), 'passed', 'only members of the group'],
    ['an approver while the gate has failed', approver, 'failed', 'the gate says failed'],
  ])('lets %s not approve, and writes nothing', async (_who, by, gate, words) => {
    const { governance, done } = platform(gate);
    await expect(governance.decide('pump', '1', entity, by, 'Seen', 'approved')).rejects.toThrow(words);
    expect(done).toEqual([]);
  });

  it('does not promote what nobody has approved', async () => {
    const { governance, done } = platform();
    await expect(governance.promote('pump', '1', entity, approver)).rejects.toThrow('nobody has approved it');
    expect(done).toEqual([]);
  });

  it('writes an approval down, refuses a second one, and promotes on its strength', async () => {
    const { governance, done, kept } = platform();
    await governance.decide('pump', '1', entity, approver, 'Seen', 'approved');
    expect(kept['models/pump/1.yaml']).toContain('approver: user:default/approver');
    await expect(governance.decide('pump', '1', entity, approver, 'Again', 'approved')).rejects.toThrow('already');
    await governance.promote('pump', '1', entity, approver);
    expect(done).toEqual([
      'commit models/pump/1.yaml by approver@example.test',
      'commit models/pump/production.yaml by approver@example.test',
      'promote 1 secret',
    ]);
  });

  it('lets only the owner, approvers and the platform team promote', async () => {
    const { governance, done } = platform();
    const stranger = actor('stranger', { approver: false });
    await expect(governance.promote('pump', '1', entity, stranger)).rejects.toThrow('Only the owner');
    expect(done).toEqual([]);
  });
});

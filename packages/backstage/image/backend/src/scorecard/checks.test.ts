import { CHECKS, checksFor, Facts, scorecardOf } from './checks';

const entity = (type: string, metadata: object = {}) => ({
  apiVersion: 'v1', kind: 'Component', metadata: { name: 'iris', ...metadata }, spec: { type, owner: 'ml-team' },
});
const group = { apiVersion: 'v1', kind: 'Group', metadata: { name: 'ml-team' } };
const data = { apiVersion: 'v1', kind: 'Resource', metadata: { name: 'flowers' }, spec: { type: 'dataset' } };
const files = (...paths: string[]) => ({ repository: { url: 'https://gitea/ml/iris', files: paths } });
const CARD = '## Intended use\n- Meant for: gardeners\n## Data\nflowers\n## Limits and risks\nnone known';

const cases: [string, Partial<Facts>, boolean | null][] = [
  ['owner', { owner: group }, true],
  ['owner', { owner: null }, false],
  ['owner', { owner: { ...group, kind: 'User' } }, false],
  ['description', { entity: entity('x', { description: 'irises' }) }, true],
  ['description', {}, false],
  ['docs', { entity: entity('x', { annotations: { 'backstage.io/techdocs-ref': 'dir:.' } }) }, true],
  ['docs', {}, false],
  ['card', { ...files(), card: CARD }, true],
  ['card', { ...files(), card: `${CARD}\n- Meant for: *who uses it*` }, false],
  ['card', { ...files(), card: null }, false],
  ['card', {}, null],
  ['licence', files('LICENSE'), true],
  ['licence', files('src/LICENSE'), false],
  ['licence', { entity: entity('x', { labels: { 'idp.dev/licence': 'MIT' } }) }, true],
  ['tests', files('tests/test_model.py'), true],
  ['tests', files('tests/kustomization.yaml'), false],
  ['lineage', { sources: [data] }, true],
  ['lineage', { sources: [] }, false],
  ['drift', { ...files('openapi.json'), openapi: '{"/drift": {}}' }, true],
  ['drift', { ...files('openapi.json'), openapi: null }, false],
  ['approval', { versions: { 1: { state: 'unapproved' }, 2: { state: 'approved' } } }, true],
  ['approval', { versions: { 1: { state: 'rejected' } } }, false],
  ['approval', { versions: null }, false],
  ['approval', { unknown: { versions: 'Governance does not answer' } }, null],
];

describe('checks', () => {
  it.each(cases)('%s of %j: %s', (id, given, ok) => {
    const facts: Facts = { entity: entity('x'), sources: [], unknown: {}, ...given };
    const verdict = CHECKS.find(check => check.id === id)!.judge(facts);
    expect(verdict.ok).toBe(ok);
    expect(verdict.reason).toBeTruthy();
  });

  it('asks of each kind what makes sense there', () => {
    expect(checksFor(entity('dataset')).map(({ id }) => id)).toEqual(['owner', 'description', 'docs', 'licence', 'tests']);
    expect(checksFor(entity('model-server')).map(({ id }) => id)).toContain('drift');
  });

  it('does not count what is unknown', () => {
    const facts: Facts = { entity: entity('dataset', { description: 'x' }), owner: group, sources: [], unknown: {} };
    expect(scorecardOf(facts).score).toBe(67);
  });
});

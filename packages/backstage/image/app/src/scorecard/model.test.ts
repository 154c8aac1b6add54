import { Entity } from '@backstage/catalog-model';
import { hopFrom, inWords } from './model';

const entity = (annotations: Record<string, string> = {}): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: { name: 'pump', annotations },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/ml-team' }],
});
const check = (id: string, ok: boolean | null = true) => ({ id, title: id, ok, reason: 'because' });

describe('hopFrom', () => {
  it.each([
    ['owner', entity(), '/catalog/default/group/ml-team'],
    ['owner', { ...entity(), relations: [] }, undefined],
    ['docs', entity({ 'backstage.io/techdocs-ref': 'dir:.' }), '/docs/default/resource/pump'],
    [
      'docs',
      entity({
        'backstage.io/techdocs-entity': 'component:default/pipe',
        'backstage.io/techdocs-entity-path': '/model-card/',
      }),
      '/docs/default/component/pipe/model-card/',
    ],
    ['docs', entity({ 'backstage.io/view-url': 'https://git/entry' }), 'https://git/entry'],
    ['lineage', entity(), '/catalog/default/resource/pump/lineage'],
    ['approval', entity({ 'idp.dev/mlflow-model': 'pump' }), '/catalog/default/resource/pump/model'],
    ['description', entity(), undefined],
  ])('%s of %j: %s', (id, given, to) => {
    expect(hopFrom(check(id), given)?.to).toBe(to);
  });

  it('goes where the check says, before anywhere else', () => {
    expect(hopFrom({ ...check('tests'), url: 'https://git/tests' }, entity())?.to).toBe('https://git/tests');
  });
});

describe('inWords', () => {
  it.each([
    [{ score: 50, checks: [check('a'), check('b', false), check('c', null)] }, '1 of 2 checks hold'],
    [{ score: null, checks: [check('a', null)] }, 'Nothing could be found out'],
    [{ score: null, checks: [] }, 'No check is about this kind of entry'],
  ])('%j: %s', (scorecard, words) => {
    expect(inWords(scorecard)).toBe(words);
  });
});

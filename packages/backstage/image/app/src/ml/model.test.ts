import { Run } from './api';
import {
  columnsOf,
  commitPage,
  compare,
  duration,
  firstColumns,
  gitServer,
  headline,
  inProduction,
  shown,
  sorted,
} from './model';

const run = (id: string, changes: Partial<Run> = {}): Run => ({
  id,
  name: `run-${id}`,
  status: 'FINISHED',
  metrics: {},
  params: {},
  tags: {},
  url: `https://mlflow/${id}`,
  ...changes,
});

describe('runs', () => {
  const runs = [
    run('a', { metrics: { accuracy: 0.9, rows_test: 50 }, params: { depth: '10', seed: '1' }, tags: { 'code.commit': 'c1' } }),
    run('b', { metrics: { accuracy: 0.95, rows_test: 50 }, params: { depth: '9', seed: '1' }, tags: { 'code.commit': 'c1' } }),
    run('c', { metrics: { rows_test: 50 }, params: { seed: '1' } }),
  ];
  const columns = columnsOf(runs);
  const order = (by: string, descending: boolean) => sorted(runs, { by, descending }, columns).map(({ id }) => id);

  it('begin with what tells how good they are, and what they did differently', () => {
    expect(firstColumns(columns, runs).map(({ id }) => id)).toEqual(['metric accuracy', 'param depth']);
  });

  it('are sorted as numbers where they are some, those without a value last', () => {
    expect(order('metric accuracy', true)).toEqual(['b', 'a', 'c']);
    expect(order('metric accuracy', false)).toEqual(['a', 'b', 'c']);
    expect(order('param depth', true)).toEqual(['a', 'b', 'c']);
    expect(order('name', true)).toEqual(['c', 'b', 'a']);
  });

  it('are compared row by row', () => {
    const rows = compare(runs.slice(0, 2)).map(({ name, values, differs }) => [name, values, differs]);
    expect(rows).toEqual([
      ['depth', ['10', '9'], true],
      ['seed', ['1', '1'], false],
      ['accuracy', [0.9, 0.95], true],
      ['rows_test', [50, 50], false],
      ['code.commit', ['c1', 'c1'], false],
    ]);
  });

  it('tell how long they took', () => {
    const took = (endedAt?: string) => duration(run('a', { startedAt: '2026-11-23T17:00:00Z', endedAt }));
    expect([took('2026-11-23T17:00:42Z'), took('2026-11-23T17:02:05Z'), took()]).toEqual(['42 s', '2 min 5 s', '–']);
  });
});

describe('figures', () => {
  it('have one metric that stands for the rest', () => {
    expect(headline({ f1: 0.8, accuracy: 0.9, rows_test: 3 })).toEqual({ name: 'accuracy', value: 0.9 });
    expect(headline({ zeta: 1, alpha: 2 })).toEqual({ name: 'alpha', value: 2 });
    expect(headline({ rows_test: 3 })).toBeUndefined();
  });

  it('have as many digits as matter', () => {
    expect([0.123456, 150, 1e-7, 'tree', undefined].map(shown)).toEqual(['0.1235', '150', '1e-7', 'tree', '–']);
  });
});

describe('origins', () => {
  const entity = (annotations: Record<string, string>) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Resource',
    metadata: { name: 'pump', annotations },
  });

  it('lead to the commit on the server that the entity was read from', () => {
    const server = gitServer(entity({ 'backstage.io/source-location': 'url:https://git:8443/ml/pump/src/branch/main/' }));
    expect(commitPage(server, 'ml/pump', 'c0ffee')).toBe('https://git:8443/ml/pump/commit/c0ffee');
  });

  it('lead nowhere where too little is known', () => {
    expect(gitServer(entity({}))).toBeUndefined();
    expect(gitServer(entity({ 'backstage.io/source-location': 'file:/x' }))).toBeUndefined();
    expect(commitPage('https://git', 'ml/pump', '')).toBeUndefined();
  });

  it('know which version is in production', () => {
    const version = (number: string, aliases: string[]) => ({ version: number, aliases }) as any;
    expect(inProduction([version('2', ['candidate']), version('1', ['production'])])?.version).toBe('1');
    expect(inProduction([])).toBeUndefined();
  });
});

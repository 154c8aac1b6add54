import { Entity } from '@backstage/catalog-model';
import { Run, Version } from './api';

/** Name an entity's experiment and registered model in MLflow. */
export const EXPERIMENT_ANNOTATION = 'idp.dev/mlflow-experiment';
export const MODEL_ANNOTATION = 'idp.dev/mlflow-model';
export const PRODUCTION = 'production';

/** A column of the table of runs. */
export type Column = { id: string; kind: 'metric' | 'param'; name: string };

/** Counts of rows say how much was measured, not how well. */
const COUNT = /^rows_/;
const TELLING = ['accuracy', 'f1', 'roc_auc', 'r2', 'rmse', 'mae'];

const rank = (name: string) => (TELLING.includes(name) ? TELLING.indexOf(name) : TELLING.length);

export const differs = (values: unknown[]) => new Set(values).size > 1;

/** Metrics worth a column, the best known first. */
export function tellingMetrics(records: Record<string, number>[], limit = 4): string[] {
  const names = [...new Set(records.flatMap(Object.keys))].filter(name => !COUNT.test(name)).sort();
  return names.sort((one, other) => rank(one) - rank(other)).slice(0, limit);
}

/** The one metric that stands for the rest: the best known, or the first. */
export function headline(metrics: Record<string, number>): { name: string; value: number } | undefined {
  const [name] = tellingMetrics([metrics], 1);
  return name === undefined ? undefined : { name, value: metrics[name] };
}

/** Everything that some run measured or was given. */
export function columnsOf(runs: Run[]): Column[] {
  const names = (records: Record<string, unknown>[]) => [...new Set(records.flatMap(Object.keys))].sort();
  return [
    ...names(runs.map(run => run.metrics)).map(name => ({ id: `metric ${name}`, kind: 'metric' as const, name })),
    ...names(runs.map(run => run.params)).map(name => ({ id: `param ${name}`, kind: 'param' as const, name })),
  ];
}

/** The columns to begin with: what tells how good a run is, and what it did differently. */
export function firstColumns(columns: Column[], runs: Run[]): Column[] {
  const metrics = tellingMetrics(runs.map(run => run.metrics)).map(name => columns.find(({ id }) => id === `metric ${name}`)!);
  const varied = columns.filter(column => column.kind === 'param' && differs(runs.map(run => valueOf(run, column))));
  return [...metrics, ...varied.slice(0, 3)];
}

export function valueOf(run: Run, { kind, name }: Column): number | string | undefined {
  return kind === 'metric' ? run.metrics[name] : run.params[name];
}

export type Order = { by: string; descending: boolean };

/** Runs by a column, or by `startedAt`, `name` and `status`; runs without a value come last. */
export function sorted(runs: Run[], { by, descending }: Order, columns: Column[]): Run[] {
  const column = columns.find(({ id }) => id === by);
  const value = (run: Run) => (column ? valueOf(run, column) : run[by as 'startedAt' | 'name' | 'status']);
  return [...runs].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return (descending ? -1 : 1) * natural(a, b);
  });
}

function natural(a: number | string, b: number | string): number {
  const [one, other] = [Number(a), Number(b)];
  if (!Number.isNaN(one) && !Number.isNaN(other)) return one - other;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

export type Comparison = { kind: string; name: string; values: (number | string | undefined)[]; differs: boolean };

/** Where a run came from, beside what it was given and measured. */
const ORIGIN = ['data.name', 'data.version', 'code.commit', 'pipeline.run', 'gate'];

/** Every parameter, metric and origin of the runs, side by side. */
export function compare(runs: Run[]): Comparison[] {
  const columns = columnsOf(runs);
  const row = (kind: string, name: string, values: Comparison['values']) => ({ kind, name, values, differs: differs(values) });
  const of = (kind: Column['kind'], word: string) =>
    columns.filter(column => column.kind === kind).map(column => row(word, column.name, runs.map(run => valueOf(run, column))));
  const origin = ORIGIN.map(name => row('Origin', name, runs.map(run => run.tags[name] || undefined)));
  return [
    ...of('param', 'Parameter'),
    ...of('metric', 'Metric'),
    ...origin.filter(({ values }) => values.some(value => value !== undefined)),
  ];
}

/** A number with as many digits as matter. */
export function shown(value: number | string | undefined): string {
  if (typeof value !== 'number') return value ?? '–';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

export const inProduction = (versions: Version[]) => versions.find(({ aliases }) => aliases.includes(PRODUCTION));

/** Seconds of a run, as people tell them. */
export function duration({ startedAt, endedAt }: Run): string {
  if (!startedAt || !endedAt) return '–';
  const seconds = Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The Git server's address, from where the entity was read. */
export function gitServer({ metadata }: Entity): string | undefined {
  const source = metadata.annotations?.['backstage.io/source-location'] ?? metadata.annotations?.['backstage.io/managed-by-location'];
  const url = source?.replace(/^url:/, '');
  return url?.startsWith('https://') ? new URL(url).origin : undefined;
}

/** A commit's page; undefined where too little is known. */
export function commitPage(server: string | undefined, repository: string | undefined, commit: string | undefined) {
  return server && repository && commit ? `${server}/${repository}/commit/${commit}` : undefined;
}

import { MlflowModel, MlflowRun, MlflowVersion, Pair } from '../adapters/mlflow';

export type Run = {
  id: string;
  name: string;
  status: string;
  startedAt?: string;
  endedAt?: string;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
  url: string;
};

export type Version = {
  version: string;
  createdAt?: string;
  status: string;
  aliases: string[];
  runId?: string;
  runUrl?: string;
  tags: Record<string, string>;
  metrics: Record<string, number>;
  description: string;
  url: string;
};

export type Latest = Pick<Version, 'version' | 'aliases' | 'metrics' | 'createdAt'>;

/** Pages of MLflow for people, from its public address. */
export const pages = (url: string) => ({
  experiment: (id: string) => `${url}/#/experiments/${encodeURIComponent(id)}`,
  run: (experiment: string, id: string) =>
    `${url}/#/experiments/${encodeURIComponent(experiment)}/runs/${encodeURIComponent(id)}`,
  model: (name: string) => `${url}/#/models/${encodeURIComponent(name)}`,
  version: (name: string, version: string) =>
    `${url}/#/models/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`,
});

/** MLflow's own tags (`mlflow.user`, …) are about the client that wrote the run. */
const OWN = 'mlflow.';

export function runOf({ info, data = {} }: MlflowRun, url: string): Run {
  return {
    id: info.run_id,
    name: info.run_name ?? info.run_id,
    status: info.status ?? 'UNKNOWN',
    startedAt: time(info.start_time),
    endedAt: time(info.end_time),
    metrics: metricsOf(data.metrics),
    params: record(data.params),
    tags: record(data.tags?.filter(({ key }) => !key.startsWith(OWN))),
    url: pages(url).run(info.experiment_id, info.run_id),
  };
}

export function versionOf(version: MlflowVersion, model: MlflowModel, run: MlflowRun | undefined, url: string): Version {
  return {
    version: version.version,
    createdAt: time(version.creation_timestamp),
    status: version.status ?? 'UNKNOWN',
    aliases: aliasesOf(version, model),
    runId: version.run_id || undefined,
    runUrl: run && pages(url).run(run.info.experiment_id, run.info.run_id),
    tags: record(version.tags),
    metrics: metricsOf(run?.data?.metrics),
    description: version.description ?? '',
    url: pages(url).version(version.name, version.version),
  };
}

/** The newest version of a model as MLflow lists it: there may be one for each stage. */
export function newest({ latest_versions: versions = [] }: MlflowModel): MlflowVersion | undefined {
  return [...versions].sort((one, other) => Number(other.version) - Number(one.version))[0];
}

/** The model knows its aliases; a list of versions does not always repeat them. */
export function aliasesOf(version: MlflowVersion, { aliases = [] }: MlflowModel): string[] {
  const ofModel = aliases.filter(alias => alias.version === version.version).map(({ alias }) => alias);
  return [...new Set([...ofModel, ...(version.aliases ?? [])])].sort();
}

export function record(pairs: Pair[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

/** What is no number, such as NaN, has no place in JSON. */
function metricsOf(pairs: { key: string; value: number | string }[] = []): Record<string, number> {
  const numbers = pairs.map(({ key, value }) => [key, Number(value)] as const);
  return Object.fromEntries(numbers.filter(([, value]) => Number.isFinite(value)));
}

function time(milliseconds: number | string | undefined): string | undefined {
  const number = Number(milliseconds);
  return number > 0 ? new Date(number).toISOString() : undefined;
}

import { createHash } from 'node:crypto';
import { MlflowClient, MlflowRun, MlflowVersion, Pair } from '../adapters/mlflow';

/** What explains a version, as the pipeline leaves it in the run. */
export const EXPLANATIONS = ['importance.json', 'importance.png', 'confusion.png', 'reference.json', 'model-card.md'];

/** What an approval looks at; everything that can be compared later is here by its hash. */
export type Evidence = {
  run: string;
  data: { name: string; version: string; sha256: string };
  code: { repository: string; commit: string; sha256: string };
  pipelineRun: string;
  runtime: string;
  modelSha256: string;
  parameters: Record<string, string>;
  metrics: Record<string, number>;
  gate: { verdict: string; reasons: string };
  /** Files of the run by name, with their SHA-256. */
  explanations: Record<string, string>;
};

export const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pairs = (given: Pair[] = []): Record<string, string> =>
  Object.fromEntries(given.map(({ key, value }) => [key, value]));

const sorted = <T>(given: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(given).sort(([one], [other]) => (one < other ? -1 : 1)));

/** The present evidence of a version, from the registry's tags, the run, and the bytes that the run left. */
export async function gather(mlflow: MlflowClient, version: MlflowVersion): Promise<Evidence> {
  const id = version.run_id ?? '';
  const [run, files] = await Promise.all([id ? mlflow.run(id) : undefined, explanationsOf(mlflow, id)]);
  return evidenceOf(version, run, files);
}

/** The evidence as a value; pairs are sorted, so that the same facts are the same text. */
export function evidenceOf(
  version: MlflowVersion,
  run: MlflowRun | undefined,
  explanations: Record<string, string>,
): Evidence {
  const tags = pairs(version.tags);
  const ofRun = pairs(run?.data?.tags);
  const metrics = (run?.data?.metrics ?? []).map(({ key, value }) => [key, Number(value)] as const);
  const tag = (name: string) => tags[name] ?? '';
  return {
    run: version.run_id ?? '',
    data: { name: tag('data.name'), version: tag('data.version'), sha256: tag('data.sha256') },
    code: { repository: tag('code.repository'), commit: tag('code.commit'), sha256: tag('code.sha256') },
    pipelineRun: tag('pipeline.run'),
    runtime: tag('runtime.image'),
    modelSha256: tag('model.sha256'),
    parameters: sorted(pairs(run?.data?.params)),
    metrics: sorted(Object.fromEntries(metrics)),
    gate: { verdict: ofRun.gate ?? '', reasons: ofRun['gate.reasons'] ?? '' },
    explanations: sorted(explanations),
  };
}

async function explanationsOf(mlflow: MlflowClient, run: string): Promise<Record<string, string>> {
  if (!run) return {};
  const there = await mlflow.files(run);
  const read = EXPLANATIONS.filter(name => there.includes(name)).map(async name => {
    const content = await mlflow.file(run, name);
    return content ? [[name, sha256(content)]] : [];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}

/** Where two evidences differ, as paths such as `metrics.accuracy`; nothing where they are the same. */
export function differences(one: unknown, other: unknown, path = ''): string[] {
  if (isRecord(one) && isRecord(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
    return keys.flatMap(key => differences(one[key], other[key], path ? `${path}.${key}` : key));
  }
  return one === other ? [] : [path];
}

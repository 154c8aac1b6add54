import { NotFoundError } from '@backstage/errors';
import { MlflowClient, MlflowRun } from '../adapters/mlflow';
import { Memory } from '../http/memory';
import { Latest, newest, pages, Run, runOf, Version, versionOf } from './records';

/** Pictures that a training pipeline leaves for each version; no other file goes through the portal. */
export const PLOTS = ['importance.png', 'confusion.png'];
const IMPORTANCE = 'importance.json';
const CARD = 'model-card.md';
/** As many versions of a model as anybody looks at. */
const VERSIONS = 200;

export type Evidence = {
  plots: { name: string; path: string }[];
  importance?: Record<string, number>;
  card?: string;
};

/** Experiments and models, as the portal shows them; answers are remembered for a short while. */
export class Library {
  constructor(
    private readonly mlflow: MlflowClient,
    private readonly memory = new Memory(),
  ) {}

  async runs(name: string, limit: number, token?: string) {
    return this.memory.recall(`runs ${limit} ${token ?? ''} ${name}`, async () => {
      const experiment = await this.mlflow.experiment(name);
      if (!experiment) throw new NotFoundError(`MLflow has no experiment named ${name} yet: it comes with the first run`);
      const { runs, next } = await this.mlflow.runs(experiment.experiment_id, limit, token);
      return {
        experimentUrl: pages(this.mlflow.url).experiment(experiment.experiment_id),
        runs: runs.map((run): Run => runOf(run, this.mlflow.url)),
        next,
      };
    });
  }

  async model(name: string): Promise<{ name: string; url: string; versions: Version[] }> {
    return this.memory.recall(`model ${name}`, async () => {
      const asked = [this.mlflow.model(name), this.mlflow.versions(name, VERSIONS), this.experiments()] as const;
      const [model, versions] = await Promise.all(asked);
      if (!model) throw new NotFoundError(`MLflow has no model named ${name} yet: a run that passes its gate registers it`);
      const runs = await this.runsOf(versions.map(({ run_id: run }) => run));
      return {
        name,
        url: pages(this.mlflow.url).model(name),
        versions: versions.map(version => versionOf(version, model, runs.get(version.run_id ?? ''), this.mlflow.url)),
      };
    });
  }

  /** Several models by few questions; those that MLflow does not know are left out. */
  async models(names: string[]): Promise<{ models: { name: string; url: string; latest: Latest | null }[] }> {
    const wanted = [...new Set(names)].sort();
    return this.memory.recall(`models ${wanted.join()}`, async () => {
      const asked = [this.memory.recall('all models', () => this.mlflow.models()), this.experiments()] as const;
      const [all] = await Promise.all(asked);
      const found = all.filter(({ name }) => wanted.includes(name));
      const runs = await this.runsOf(found.map(model => newest(model)?.run_id));
      const models = found.map(model => {
        const version = newest(model);
        const shown = version && versionOf(version, model, runs.get(version.run_id ?? ''), this.mlflow.url);
        return { name: model.name, url: pages(this.mlflow.url).model(model.name), latest: shown ? latest(shown) : null };
      });
      return { models };
    });
  }

  async evidence(name: string, version: string): Promise<Evidence> {
    return this.memory.recall(`evidence ${version} ${name}`, async () => {
      const { run, description } = await this.runOf(name, version);
      const files = await this.mlflow.files(run);
      const text = async (file: string) => (files.includes(file) ? String(await this.mlflow.file(run, file)) : undefined);
      const [importance, card] = await Promise.all([text(IMPORTANCE), text(CARD)]);
      const folder = `models/${encodeURIComponent(name)}/versions/${version}/evidence`;
      return {
        plots: PLOTS.filter(plot => files.includes(plot)).map(plot => ({ name: plot, path: `${folder}/${plot}` })),
        importance: weights(importance),
        card: card ?? (description || undefined),
      };
    });
  }

  /** A picture of a version, one of PLOTS. */
  async plot(name: string, version: string, file: string): Promise<Buffer> {
    if (!PLOTS.includes(file)) throw new NotFoundError(`There is no picture named ${file}`);
    const { run } = await this.memory.recall(`run ${version} ${name}`, () => this.runOf(name, version));
    const bytes = await this.mlflow.file(run, file);
    if (!bytes) throw new NotFoundError(`Version ${version} of ${name} has no ${file}`);
    return bytes;
  }

  private async runOf(name: string, version: string): Promise<{ run: string; description?: string }> {
    const found = await this.mlflow.version(name, version);
    if (!found?.run_id) throw new NotFoundError(`MLflow knows no run of version ${version} of ${name}`);
    return { run: found.run_id, description: found.description };
  }

  private async runsOf(ids: (string | undefined)[]): Promise<Map<string, MlflowRun>> {
    const wanted = [...new Set(ids.filter((id): id is string => Boolean(id)))];
    if (wanted.length === 0) return new Map();
    const runs = await this.mlflow.runsById(wanted, await this.experiments());
    return new Map(runs.map(run => [run.info.run_id, run]));
  }

  /** Where runs are looked for; asked along with what names them, so that nothing waits for it. */
  private experiments(): Promise<string[]> {
    return this.memory.recall('all experiments', async () =>
      (await this.mlflow.experiments()).map(({ experiment_id: id }) => id),
    );
  }
}

function latest({ version, aliases, metrics, createdAt }: Version): Latest {
  return { version, aliases, metrics, createdAt };
}

/** The importance of features as a pipeline wrote it down; nothing where it is something else. */
function weights(text: string | undefined): Record<string, number> | undefined {
  try {
    const parsed = JSON.parse(text ?? '');
    const numbers = Object.entries(parsed).filter((pair): pair is [string, number] => typeof pair[1] === 'number');
    return numbers.length > 0 ? Object.fromEntries(numbers) : undefined;
  } catch {
    return undefined;
  }
}


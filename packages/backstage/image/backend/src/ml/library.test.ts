import { MlflowClient, MlflowRun, MlflowVersion } from '../adapters/mlflow';
import { Library } from './library';

const URL = 'https://mlflow.idp.localhost:8443';

const RUN: MlflowRun = {
  info: { run_id: 'r1', run_name: 'pump-1', experiment_id: '7', status: 'FINISHED', start_time: 1_700_000_000_000, end_time: 0 },
  data: {
    metrics: [{ key: 'accuracy', value: 0.97 }, { key: 'loss', value: 'NaN' }],
    params: [{ key: 'depth', value: '3' }],
    tags: [{ key: 'data.version', value: 'abc' }, { key: 'mlflow.user', value: 'root' }],
  },
};

const version = (number: string, run: string): MlflowVersion => ({
  name: 'pump',
  version: number,
  creation_timestamp: 1_700_000_000_000,
  status: 'READY',
  run_id: run,
  description: '# Card',
  tags: [{ key: 'code.commit', value: 'c0ffee' }],
});

const MODEL = {
  name: 'pump',
  aliases: [{ alias: 'production', version: '9' }, { alias: 'candidate', version: '10' }],
  latest_versions: [version('9', 'r0'), version('10', 'r1')],
};

const mlflow = (changes: Partial<Record<keyof MlflowClient, unknown>> = {}) => {
  const client = {
    url: URL,
    experiment: jest.fn(async () => ({ experiment_id: '7', name: 'pump' })),
    experiments: jest.fn(async () => [{ experiment_id: '7', name: 'pump' }]),
    runs: jest.fn(async () => ({ runs: [RUN], next: 'more' })),
    runsById: jest.fn(async () => [RUN]),
    model: jest.fn(async () => MODEL),
    models: jest.fn(async () => [MODEL, { name: 'other' }]),
    versions: jest.fn(async () => [version('10', 'r1'), version('9', 'r0')]),
    version: jest.fn(async () => version('10', 'r1')),
    files: jest.fn(async () => ['importance.json', 'importance.png', 'model-card.md', 'secret.env']),
    file: jest.fn(async (_: string, path: string) => Buffer.from(path.endsWith('json') ? '{"flow": 0.3}' : '# From the run')),
    ...changes,
  };
  return { client, library: new Library(client as unknown as MlflowClient) };
};

describe('Library', () => {
  it('shows runs with what they measured and were given', async () => {
    await expect(mlflow().library.runs('pump', 50)).resolves.toEqual({
      experimentUrl: `${URL}/#/experiments/7`,
      runs: [
        {
          id: 'r1',
          name: 'pump-1',
          status: 'FINISHED',
          startedAt: '2023-11-14T22:13:20.000Z',
          endedAt: undefined,
          metrics: { accuracy: 0.97 },
          params: { depth: '3' },
          tags: { 'data.version': 'abc' },
          url: `${URL}/#/experiments/7/runs/r1`,
        },
      ],
      next: 'more',
    });
  });

  it('says that an experiment comes with its first run', async () => {
    const { library } = mlflow({ experiment: async () => undefined });
    await expect(library.runs('pump', 50)).rejects.toMatchObject({ name: 'NotFoundError', message: /first run/ });
  });

  it('shows versions with aliases, and metrics of their runs by one question', async () => {
    const { client, library } = mlflow();
    const { url, versions } = await library.model('pump');
    expect(url).toBe(`${URL}/#/models/pump`);
    expect(versions.map(one => [one.version, one.aliases, one.metrics])).toEqual([
      ['10', ['candidate'], { accuracy: 0.97 }],
      ['9', ['production'], {}],
    ]);
    expect(versions[0]).toMatchObject({ tags: { 'code.commit': 'c0ffee' }, url: `${URL}/#/models/pump/versions/10` });
    expect(client.runsById).toHaveBeenCalledTimes(1);
  });

  it('asks for nothing later that it can ask for at once', async () => {
    const asked: string[] = [];
    const waiting = (what: string) => async () => {
      asked.push(what);
      return new Promise<never>(() => {});
    };
    const slow = { model: waiting('model'), versions: waiting('versions'), models: waiting('models'), experiments: waiting('experiments') };
    const { library } = mlflow(slow);
    library.model('pump');
    library.models(['pump']);
    await new Promise(process.nextTick);
    expect(asked.sort()).toEqual(['experiments', 'model', 'models', 'versions']);
  });

  it('knows the newest version of many models by numbers, not by letters', async () => {
    const { models } = await mlflow().library.models(['pump', 'other', 'unknown']);
    expect(models.map(({ name, latest }) => [name, latest?.version, latest?.metrics.accuracy])).toEqual([
      ['pump', '10', 0.97],
      ['other', undefined, undefined],
    ]);
  });

  it('shows evidence by a fixed list of names', async () => {
    const { library } = mlflow();
    await expect(library.evidence('pump', '10')).resolves.toEqual({
      plots: [{ name: 'importance.png', path: 'models/pump/versions/10/evidence/importance.png' }],
      importance: { flow: 0.3 },
      card: '# From the run',
    });
    await expect(library.plot('pump', '10', 'importance.png')).resolves.toBeInstanceOf(Buffer);
    await expect(library.plot('pump', '10', 'secret.env')).rejects.toThrow('no picture named secret.env');
  });

  it('falls back on the card that was registered, and does without pictures', async () => {
    const { library } = mlflow({ files: async () => [] });
    await expect(library.evidence('pump', '10')).resolves.toEqual({ plots: [], importance: undefined, card: '# Card' });
  });

  it('asks once for what many look at', async () => {
    const { client, library } = mlflow();
    await Promise.all([library.model('pump'), library.model('pump'), library.model('pump')]);
    expect(client.model).toHaveBeenCalledTimes(1);
  });
});

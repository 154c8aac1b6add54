import { ConfigReader } from '@backstage/config';
import { MlflowClient } from './mlflow';

const answering = (status: number, body: object) =>
  new MlflowClient('http://mlflow', 'https://mlflow', (async () => new Response(JSON.stringify(body), { status })) as typeof fetch);

const remembering = () => {
  const sent: { url: string; body?: any }[] = [];
  const client = new MlflowClient('http://mlflow', 'https://mlflow', (async (url: string, init: RequestInit = {}) => {
    sent.push({ url, body: init.body && JSON.parse(String(init.body)) });
    return new Response('{}');
  }) as typeof fetch);
  return { sent, client };
};

describe('MlflowClient', () => {
  it('is there only where the platform offers MLflow', () => {
    const offers = { mlflow: { url: 'https://m', service: 'http://m' } };
    expect(MlflowClient.fromConfig(new ConfigReader({ portal: { offers } }))?.url).toBe('https://m');
    expect(MlflowClient.fromConfig(new ConfigReader({ portal: { offers: {} } }))).toBeUndefined();
    expect(MlflowClient.fromConfig(new ConfigReader({}))).toBeUndefined();
  });

  it('takes what MLflow does not have for absent', async () => {
    const client = answering(404, { error_code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(client.experiment('iris')).resolves.toBeUndefined();
  });

  it('says in words that MLflow does not answer', async () => {
    await expect(answering(500, {}).models()).rejects.toThrow('MLflow does not answer: status 500');
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    const away = new MlflowClient('http://mlflow', '', () => Promise.reject(refused));
    await expect(away.models()).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: 'MLflow does not answer: ECONNREFUSED',
    });
    const slow = new MlflowClient('http://mlflow', '', () => Promise.reject(new DOMException('', 'TimeoutError')));
    await expect(slow.models()).rejects.toThrow('no answer in 5 s');
  });

  it('passes on what MLflow finds wrong with a question', async () => {
    const client = answering(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid page token' });
    await expect(client.runs('1', 10, 'x')).rejects.toThrow('Invalid page token');
  });

  it('lets no name leave its place in a question', async () => {
    const { sent, client } = remembering();
    await client.experiment('a&b=c');
    expect(sent[0].url).toBe('http://mlflow/api/2.0/mlflow/experiments/get-by-name?experiment_name=a%26b%3Dc');
    await expect(client.versions("x' or name='y", 9)).rejects.toThrow('cannot be the name of a model');
    await client.runsById(['a1', "b' OR '"], ['0']);
    expect(sent[1].body.filter).toBe("attributes.run_id IN ('a1')");
  });

  it('reads a list page by page, but not without end', async () => {
    const endless = answering(200, { experiments: [{ experiment_id: '1', name: 'a' }], next_page_token: 'more' });
    await expect(endless.experiments()).resolves.toHaveLength(5);
  });
});

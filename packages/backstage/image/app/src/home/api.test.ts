import { HomeClient, MOST } from './api';

const answering = (status: number, body: object) => {
  const fetch = jest.fn(async (..._: any[]) => new Response(JSON.stringify(body), { status }));
  const client = new HomeClient({ getBaseUrl: async plugin => `/api/${plugin}` }, { fetch });
  return { fetch, client };
};

describe('HomeClient', () => {
  it('asks one question about all of them', async () => {
    const { fetch, client } = answering(200, { pipelines: [{ namespace: 'ml-a', template: 'a', last: null }] });
    expect(await client.pipelines(['ml-a/a', 'ml-b/b', 'ml-a/a'])).toHaveLength(1);
    expect(fetch.mock.calls).toEqual([['/api/pipelines/latest?refs=ml-a%2Fa,ml-b%2Fb']]);
  });

  it('asks about many in several questions, and leaves none out', async () => {
    const { fetch, client } = answering(200, { applications: [{ name: 'a', sync: 'Synced', health: 'Healthy' }] });
    const names = Array.from({ length: MOST + 1 }, (_, index) => `a${index}`);
    await client.deliveries(names);
    const asked = fetch.mock.calls.flatMap(([url]: any) => url.split('names=')[1].split(','));
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(asked).toEqual(names);
  });

  it('asks about one version of a model, not about its whole history', async () => {
    const { fetch, client } = answering(200, { versions: {} });
    await client.governed('a b', '7');
    expect(fetch.mock.calls).toEqual([['/api/governance/models/a%20b?version=7']]);
  });

  it('asks nothing about nothing', async () => {
    const { fetch, client } = answering(200, {});
    expect(await client.models([])).toEqual([]);
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([
    [404, {}, 'This platform does not offer it.'],
    [503, { error: { name: 'ServiceUnavailableError', message: 'MLflow does not answer' } }, 'MLflow does not answer'],
  ])('turns %i into words', async (status, body, words) => {
    const { client } = answering(status, body);
    await expect(client.models(['a'])).rejects.toThrow(words);
  });
});

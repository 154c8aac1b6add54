import { HomeClient } from './api';

const answering = (status: number, body: object) => {
  const fetch = jest.fn(async () => new Response(JSON.stringify(body), { status }));
  const client = new HomeClient({ getBaseUrl: async plugin => `/api/${plugin}` }, { fetch });
  return { fetch, client };
};

describe('HomeClient', () => {
  it('asks one question about all of them', async () => {
    const { fetch, client } = answering(200, { pipelines: [{ namespace: 'ml-a', template: 'a', last: null }] });
    expect(await client.pipelines(['ml-a/a', 'ml-b/b', 'ml-a/a'])).toHaveLength(1);
    expect(fetch.mock.calls).toEqual([['/api/pipelines/latest?refs=ml-a%2Fa,ml-b%2Fb']]);
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

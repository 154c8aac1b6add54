import { GiteaClient } from './gitea';

const CONTENT = Buffer.from('hello').toString('base64');

/** A Gitea that answers from a list of [request, status, body] and remembers what was sent. */
function gitea(answers: Record<string, [number, object]>) {
  const sent: { request: string; body?: any }[] = [];
  const answer = async (url: string, init: RequestInit = {}) => {
    const request = `${init.method ?? 'GET'} ${url.replace('https://git/api/v1/', '')}`;
    sent.push({ request, body: init.body && JSON.parse(String(init.body)) });
    const [status, body] = answers[request] ?? [404, { message: 'not found' }];
    return new Response(JSON.stringify(body), { status });
  };
  return { sent, client: new GiteaClient('https://git', { Authorization: 'x' }, answer as typeof fetch) };
}

describe('GiteaClient', () => {
  it('knows whether a repository exists', async () => {
    const { client } = gitea({ 'GET repos/ml/iris': [200, {}] });
    await expect(client.hasRepository('ml/iris')).resolves.toBe(true);
    await expect(client.hasRepository('ml/wine')).resolves.toBe(false);
  });

  it('reports a refusal instead of taking it for absence', async () => {
    const { client } = gitea({ 'GET repos/ml/iris': [403, { message: 'no' }] });
    await expect(client.hasRepository('ml/iris')).rejects.toThrow('403');
  });

  it('knows what changed last, and when a folder did', async () => {
    const commit = { html_url: 'https://git/c', commit: { message: 'm', committer: { date: '2026-11-23T10:00:00Z' } } };
    const folder = 'path=docs&limit=1&stat=false&verification=false&files=false';
    const { client } = gitea({
      'GET repos/search?sort=updated&order=desc&limit=9': [200, { data: [{ full_name: 'ml/iris' }] }],
      [`GET repos/ml/iris/commits?${folder}`]: [200, [commit]],
      [`GET repos/ml/wine/commits?${folder}`]: [200, []],
    });
    await expect(client.lastChanged(9)).resolves.toEqual(['ml/iris']);
    await expect(client.lastCommit('ml/iris', 'docs')).resolves.toEqual(commit);
    await expect(client.lastCommit('ml/wine', 'docs')).resolves.toBeUndefined();
    await expect(client.lastCommit('ml/gone', 'docs')).resolves.toBeUndefined();
  });

  it('creates a file that is not there', async () => {
    const { client, sent } = gitea({ 'POST repos/idp/deployments/contents/a.yaml': [201, {}] });
    const author = { name: 'Ada', email: 'ada@x' };
    await expect(client.writeFile('idp/deployments', 'a.yaml', 'hello', { message: 'm', author })).resolves.toBe(
      'created',
    );
    expect(sent[1].body).toEqual({ content: CONTENT, message: 'm', author });
  });

  it('updates a file that differs, naming what it replaces', async () => {
    const { client, sent } = gitea({
      'GET repos/idp/deployments/contents/a.yaml': [200, { sha: 'abc', content: 'b2xk' }],
      'PUT repos/idp/deployments/contents/a.yaml': [200, {}],
    });
    await expect(client.writeFile('idp/deployments', 'a.yaml', 'hello', { message: 'm' })).resolves.toBe('updated');
    expect(sent[1].body.sha).toBe('abc');
  });

  it('leaves a file alone that is as it should be', async () => {
    const { client, sent } = gitea({
      'GET repos/idp/deployments/contents/a.yaml': [200, { sha: 'abc', content: CONTENT }],
    });
    await expect(client.writeFile('idp/deployments', 'a.yaml', 'hello', { message: 'm' })).resolves.toBe('unchanged');
    expect(sent).toHaveLength(1);
  });

  it('sets what a repository leads to, and reports a refusal', async () => {
    const { client, sent } = gitea({ 'PATCH repos/ml/iris': [200, {}] });
    await client.setWebsite('ml/iris', 'https://portal/iris');
    expect(sent[0].body).toEqual({ website: 'https://portal/iris' });
    await expect(client.setWebsite('ml/gone', 'https://portal/gone')).rejects.toThrow('404');
  });
});

import { Files, Promotions } from './promotions';
import { entryFrom, idsIn, Promotion } from './record';

const PLACE = { git: 'https://gitea.example', repository: 'idp/promotions' };
const ID = '20261126T134510Z-laptop';
const [OLD, NEW] = ['1a'.repeat(20), '2b'.repeat(20)];

const RECORD = `
id: ${ID}
state: done
from: {name: laptop, domain: laptop.localhost, commit: ${NEW}}
to: {name: staging, domain: idp.example.org}
by: {name: Jane Doe, email: jane@example.org}
begun: "2026-11-26T13:45:10Z"
finished: "2026-11-26T13:46:02Z"
approval: {by: {email: ada@example.org}, at: "2026-11-26T13:45:40Z", url: https://gitea.example/idp/promotions/pulls/3}
request: https://gitea.example/idp/promotions/pulls/3
platform:
  idp/platform: {before: ${OLD}, after: ${NEW}}
  idp/deployments: {before: "", after: 1234567890}
repositories:
  ml/iris: {before: {}, after: {refs/heads/main: ${NEW}, refs/tags/v1: ${OLD}}}
  ml/wine: {before: {refs/heads/main: ${OLD}, refs/heads/gone: ${OLD}, refs/heads/same: ${OLD}}, after: {refs/heads/main: ${NEW}, refs/heads/same: ${OLD}}}
images: {ml-runtime: "sha256:abc"}
services: [iris-api]
models:
  iris: {versions: {"1": f00, "2": ba4}, aliases: {candidate: "2"}}
difference: [1 application changes, "image ml-runtime changes"]
checks: [{name: healthy, passed: true, detail: "12 applications"}, {name: answers, passed: false}]
`;

const read = (text: string, id = ID) => entryFrom(id, text, PLACE);
const MINIMAL = `{id: ${ID}, state: begun, from: {name: laptop}, to: {name: staging}}`;

describe('entryFrom', () => {
  it('tells all that a record says', () => {
    expect(read(RECORD)).toEqual({
      id: ID,
      url: `https://gitea.example/idp/promotions/src/branch/main/records/${ID}.yaml`,
      state: 'done',
      from: { name: 'laptop', domain: 'laptop.localhost', commit: NEW },
      to: { name: 'staging', domain: 'idp.example.org' },
      by: 'Jane Doe',
      begun: '2026-11-26T13:45:10Z',
      finished: '2026-11-26T13:46:02Z',
      rolledBack: undefined,
      approval: { by: 'ada@example.org', at: '2026-11-26T13:45:40Z', url: 'https://gitea.example/idp/promotions/pulls/3' },
      request: 'https://gitea.example/idp/promotions/pulls/3',
      platform: [
        { repository: 'idp/platform', before: OLD, after: NEW, url: `https://gitea.example/idp/platform/compare/${OLD}...${NEW}` },
        { repository: 'idp/deployments', after: '1234567890', url: 'https://gitea.example/idp/deployments/commit/1234567890' },
      ],
      repositories: [
        {
          name: 'ml/iris',
          isNew: true,
          moves: [
            { repository: 'ml/iris', ref: 'refs/heads/main', after: NEW, url: `https://gitea.example/ml/iris/commit/${NEW}` },
            { repository: 'ml/iris', ref: 'refs/tags/v1', after: OLD, url: 'https://gitea.example/ml/iris/src/tag/v1' },
          ],
        },
        {
          name: 'ml/wine',
          isNew: false,
          moves: [
            { repository: 'ml/wine', ref: 'refs/heads/main', before: OLD, after: NEW, url: `https://gitea.example/ml/wine/compare/${OLD}...${NEW}` },
            { repository: 'ml/wine', ref: 'refs/heads/gone', before: OLD },
          ],
        },
      ],
      images: [{ name: 'ml-runtime', digest: 'sha256:abc' }],
      services: ['iris-api'],
      models: [
        {
          name: 'iris',
          versions: [{ version: '1', sha256: 'f00' }, { version: '2', sha256: 'ba4' }],
          aliases: [{ alias: 'candidate', version: '2' }],
        },
      ],
      difference: ['1 application changes', 'image ml-runtime changes'],
      checks: [{ name: 'healthy', passed: true, detail: '12 applications' }, { name: 'answers', passed: false }],
    });
  });

  it('takes what is not said for nothing', () => {
    expect(read(MINIMAL)).toMatchObject({ state: 'begun', platform: [], repositories: [], models: [], checks: [] });
    expect(read(`${RECORD}rolled_back: null\n`)).toMatchObject({ rolledBack: undefined });
  });

  it('says who rolled it back', () => {
    const back = 'rolled_back: {by: {name: Ada, email: a@b}, at: "2026-11-27T09:00:00Z"}\n';
    expect(read(RECORD.replace('done', 'rolled-back') + back)).toMatchObject({
      state: 'rolled-back',
      rolledBack: { by: 'Ada', at: '2026-11-27T09:00:00Z' },
    });
  });

  it.each([
    ['no YAML', 'id: [', /.+/],
    ['no mapping', 'hello', /it is not a mapping/],
    ['nothing', '', /it is not a mapping/],
    ['too much', '#'.repeat(1_000_001), /too large/],
    ['another id', MINIMAL.replace(ID, 'x'), /id is not the name of the file/],
    ['an unknown state', MINIMAL.replace('begun', 'new'), /state is none of/],
    ['no platform', MINIMAL.replace('{name: laptop}', '{}'), /from.name/],
    ['a platform that would be a command', MINIMAL.replace('{name: laptop}', '{name: "a; rm -r b"}'), /from.name/],
    ['no time', MINIMAL.replace('state', 'begun: soon, state'), /begun is not a time/],
    ['a page that is a script', MINIMAL.replace('state', 'request: "javascript:alert(1)", state'), /request is not/],
    ['a list of words', MINIMAL.replace('state', 'repositories: [a], state'), /repositories is not a mapping/],
  ])('says so of a record with %s', (_, text, why) => {
    expect(read(text)).toMatchObject({ id: ID, url: expect.stringContaining(ID), broken: expect.stringMatching(why) });
  });

  it('links to no page outside of Gitea', () => {
    const odd = `platform: {../../evil: {before: "", after: ${NEW}}, idp/a: {before: "", after: ../x}}`;
    const { platform } = read(MINIMAL.replace('state', `${odd}, state`)) as Promotion;
    expect(platform.map(({ url }) => url)).toEqual([undefined, undefined]);
  });
});

describe('idsIn', () => {
  it('knows the records, the newest first', () => {
    const paths = ['README.md', 'records/a/b.yaml', 'records/2025.yaml', 'records/2026-b.yaml', 'records/2026-a.yaml', 'records/x.txt'];
    expect(idsIn(paths)).toEqual(['2026-b', '2026-a', '2025']);
  });
});

describe('Promotions', () => {
  /** A Gitea with these records; how often it was asked for a text. */
  const holding = (records: Record<string, string>) => {
    const git = {
      tree: jest.fn(async () => new Map(Object.keys(records).map(id => [`records/${id}.yaml`, `blob of ${id}`]))),
      blob: jest.fn(async (_: string, blob: string) => Buffer.from(records[blob.replace('blob of ', '')]).toString('base64')),
    };
    return { git, promotions: new Promotions(git, PLACE) };
  };

  it.each([['is none', undefined], ['is an empty one', new Map()]])('are none where there %s repository', async (_, tree) => {
    const git: Files = { tree: async () => tree, blob: jest.fn() };
    await expect(new Promotions(git, PLACE).page()).resolves.toEqual({ promotions: [] });
  });

  it('come the newest first, a broken one among them', async () => {
    const { promotions } = holding({ [ID]: RECORD, '20270101T000000Z-laptop': 'id: [' });
    const { promotions: found } = await promotions.page();
    expect(found.map(({ id }) => id)).toEqual(['20270101T000000Z-laptop', ID]);
    expect(found[0]).toHaveProperty('broken');
    expect(found[1]).toHaveProperty('state', 'done');
  });

  it('come in pages', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `20261126T1345${10 + index}Z-laptop`);
    const { promotions } = holding(Object.fromEntries(ids.map(id => [id, MINIMAL.replace(ID, id)])));
    const first = await promotions.page();
    expect(first.promotions).toHaveLength(20);
    expect(first.next).toBe(ids[5]);
    const second = await promotions.page(first.next);
    expect(second.promotions.map(({ id }) => id)).toEqual(ids.slice(0, 5).reverse());
    expect(second.next).toBeUndefined();
  });

  it('are fetched once, however many people look', async () => {
    const { git, promotions } = holding({ [ID]: RECORD });
    await Promise.all([promotions.page(), promotions.page()]);
    await promotions.page();
    expect(git.tree).toHaveBeenCalledTimes(1);
    expect(git.blob).toHaveBeenCalledTimes(1);
  });

  it('are not told while Gitea does not answer, and are again when it does', async () => {
    const { git, promotions } = holding({ [ID]: RECORD });
    git.tree.mockRejectedValueOnce(new Error('Gitea does not answer: ECONNREFUSED'));
    await expect(promotions.page()).rejects.toThrow('Gitea does not answer');
    await expect(promotions.page()).resolves.toMatchObject({ promotions: [{ id: ID }] });
  });
});

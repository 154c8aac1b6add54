import { Commit, named, recentDocs } from './recent';

const commit = (date: string, message = 'Explain it\n\nAt length'): Commit => ({
  html_url: `https://gitea/commit/${date}`,
  commit: { message, committer: { date } },
});

describe('recentDocs', () => {
  it('tells the newest change of each, the newest first', async () => {
    const commits: Record<string, Commit> = {
      'ml/a': commit('2026-11-20T10:00:00+01:00'),
      'ml/b': commit('2026-11-21T10:00:00Z'),
    };
    const gitea = {
      lastChanged: async () => ['ml/a', 'ml/other', 'ml/without', 'ml/b'],
      lastCommit: jest.fn(async (repository: string) => commits[repository]),
    };
    const found = await recentDocs(gitea, ['ml/a', 'ml/b', 'ml/without', 'ml/gone']);
    expect(found.map(({ repository }) => repository)).toEqual(['ml/b', 'ml/a']);
    expect(found[0]).toMatchObject({ message: 'Explain it', changedAt: '2026-11-21T10:00:00Z' });
    expect(gitea.lastCommit).toHaveBeenCalledTimes(3);
  });

  it('asks about ten at the most', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `ml/r${index}`);
    const gitea = { lastChanged: async () => names, lastCommit: jest.fn(async () => commit('2026-11-21T10:00:00Z')) };
    expect(await recentDocs(gitea, names)).toHaveLength(10);
    expect(gitea.lastCommit).toHaveBeenCalledTimes(10);
  });
});

describe('named', () => {
  it('knows a repository when it sees one', () => {
    expect(named('ml/a,idp/catalog,ml/a')).toEqual(['ml/a', 'idp/catalog']);
    expect(named(undefined)).toEqual([]);
  });

  it.each(['ml', 'ml/../admin', '../x', 'a/b/c', 'ml/a?x=1'])('refuses %s', name => {
    expect(() => named(name)).toThrow('Not a repository');
  });

  it('refuses too many', () => {
    expect(() => named(Array(101).fill('ml/a').join(','))).toThrow('At most 100');
  });
});

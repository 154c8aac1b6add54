import { InputError } from '@backstage/errors';

export type Change = { repository: string; changedAt: string; message: string; url: string };

/** The part of Gitea that is asked here. */
export interface Repositories {
  /** The newest commit that touched a path; undefined where there is none. */
  lastCommit(repository: string, path: string): Promise<Commit | undefined>;
  /** OWNER/NAME of repositories, the one that changed last first. */
  lastChanged(limit: number): Promise<string[]>;
}

export type Commit = { html_url: string; commit: { message: string; committer: { date: string } } };

const MOST_NAMED = 100;
const SHOWN = 10;
const REPOSITORY = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;

/** The repositories that a request names. */
export function named(parameter: unknown): string[] {
  const names = String(parameter ?? '').split(',').filter(Boolean);
  if (names.length > MOST_NAMED) throw new InputError(`At most ${MOST_NAMED} repositories at a time`);
  const wrong = names.find(name => !REPOSITORY.test(name) || name.includes('..'));
  if (wrong) throw new InputError(`Not a repository: ${wrong}`);
  return [...new Set(names)];
}

/**
 * Which documentation changed last, newest first. Only the repositories that changed last are asked
 * about their folder of documentation: a handful of questions, however many there are.
 */
export async function recentDocs(gitea: Repositories, repositories: string[]): Promise<Change[]> {
  const busy = await gitea.lastChanged(MOST_NAMED);
  const asked = busy.filter(name => repositories.includes(name)).slice(0, SHOWN);
  const found = await Promise.all(
    asked.map(async repository => {
      const last = await gitea.lastCommit(repository, 'docs');
      if (!last) return [];
      const message = last.commit.message.split('\n')[0];
      return [{ repository, changedAt: last.commit.committer.date, message, url: last.html_url }];
    }),
  );
  return found.flat().sort((one, other) => Date.parse(other.changedAt) - Date.parse(one.changedAt));
}

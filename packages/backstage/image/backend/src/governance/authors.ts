/** Who may stand behind a commit: a login where Gitea knows one, else an address. */
export type CommitPeople = {
  author?: { login?: string } | null;
  committer?: { login?: string } | null;
  commit?: { author?: { email?: string }; committer?: { email?: string } };
};

/** The annotation by which the portal says who started a run. */
export const STARTED_BY = 'idp.dev/started-by';

/** The user entity of a login; accounts and users have the same names. */
export const userOf = (login: string) => `user:default/${login.toLowerCase()}`;

/**
 * Everybody who counts as a version's author: who wrote and who made the commit, and who started the
 * run. The portal's own account acts on behalf of others, whom the commit names as its author.
 */
export function authorsOf(commit: CommitPeople | undefined, startedBy: string | undefined, robot: string): string[] {
  const people = [
    personOf(commit?.author?.login, commit?.commit?.author?.email),
    personOf(commit?.committer?.login, commit?.commit?.committer?.email),
    startedBy && (startedBy.includes(':') ? startedBy.toLowerCase() : userOf(startedBy)),
  ].filter((ref): ref is string => Boolean(ref) && ref !== userOf(robot) && !ref?.startsWith(`${robot}@`));
  return [...new Set(people)];
}

function personOf(login: string | undefined, email: string | undefined): string | undefined {
  return login ? userOf(login) : email?.toLowerCase();
}

import { ConflictError, InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { Person } from '../adapters/gitea';
import { Change, Tree, Trees } from '../adapters/trees';
import { GitServer, repositoryOf } from './application';

/**
 * What a roll back leaves as it is: it changes what runs, not what is written about it, not what the
 * catalogue knows, and never brings an approval back.
 */
const LEFT_ALONE = /^(?:docs|approval|approvals|\.gitea)\/|^(?:catalog-info\.yaml|mkdocs\.yml|README\.md|LICENSE)$/;
const MOST_FILES = 100;

/** The difference from one state of a repository to another, file by file. */
export function changesTo(wanted: Tree, current: Tree): { path: string; from?: string; to?: string }[] {
  return [...new Set([...wanted.keys(), ...current.keys()])]
    .filter(path => !LEFT_ALONE.test(path))
    .map(path => ({ path, from: current.get(path), to: wanted.get(path) }))
    .filter(({ from, to }) => from !== to)
    .sort((one, other) => one.path.localeCompare(other.path));
}

export type Request = {
  /** The Application as the API server returns it. */
  application: any;
  /** The entry of its history to go back to. */
  id: number;
  /** The only project whose repositories the portal may write. */
  project: string;
  user: string;
  author?: Person;
};

/**
 * Takes a service back to what was deployed earlier, by a commit on the branch that Argo CD follows.
 * A rollback of Argo CD's own would be undone at once: what is in Git is what runs.
 */
export async function rollBack(request: Request, git: GitServer, trees: Trees): Promise<{ commit: string; url: string }> {
  const { name } = request.application.metadata;
  const { repository, branch, revision, deployedAt } = targetOf(request, git);
  const [wanted, current] = await Promise.all([trees.tree(repository, revision), trees.tree(repository, branch)]);
  if (!wanted || !current) throw new NotFoundError(`${repository} does not have the commit ${revision} any more`);
  const changes = changesTo(wanted, current);
  if (changes.length === 0) throw new ConflictError(`${branch} of ${repository} already says what was deployed then`);
  if (changes.length > MOST_FILES) {
    throw new InputError(`${changes.length} files differ: that is a change to make in ${repository} itself`);
  }
  const files = await Promise.all(
    changes.map(async ({ path, from, to }): Promise<Change> => {
      if (!to) return { operation: 'delete', path, sha: from! };
      const content = await trees.blob(repository, to);
      return from ? { operation: 'update', path, content, sha: from } : { operation: 'create', path, content };
    }),
  );
  const message = `Roll ${name} back to ${revision.slice(0, 10)}

As deployed at ${deployedAt}; asked for in the portal by ${request.user}.
Documentation, catalogue entries and approvals stay as they are.`;
  const commit = await trees.commit(repository, branch, files, message, request.author);
  return { commit, url: `${git.forPeople}/${repository}/commit/${commit}` };
}

/** Where to commit what; refuses what the portal has no business to change. */
function targetOf({ application, id, project }: Request, git: GitServer) {
  const { metadata, spec, status = {} } = application;
  if (spec.project !== project) {
    throw new NotAllowedError(`${metadata.name} is a part of the platform: \`idp up\` decides what is deployed`);
  }
  const entry = (status.history ?? []).find((deployment: any) => deployment.id === id);
  if (!entry) throw new NotFoundError(`The history of ${metadata.name} has no entry ${id} (any more)`);
  const repository = repositoryOf(spec.source?.repoURL, git);
  const moved = entry.source?.repoURL && entry.source.repoURL !== spec.source?.repoURL;
  if (!repository || moved || !/^[0-9a-f]{40}$/.test(entry.revision)) {
    throw new InputError(`${entry.revision} is not a commit of the repository that ${metadata.name} follows now`);
  }
  return {
    repository,
    branch: spec.source.targetRevision ?? 'main',
    revision: entry.revision as string,
    deployedAt: entry.deployedAt as string,
  };
}

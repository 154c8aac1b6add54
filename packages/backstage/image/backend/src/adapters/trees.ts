import { Config } from '@backstage/config';
import { ConflictError, InputError, ServiceUnavailableError } from '@backstage/errors';
import { getGiteaRequestOptions, ScmIntegrations } from '@backstage/integration';
import { Person } from './gitea';

/** Files of a commit: path → id of its content. */
export type Tree = Map<string, string>;
export type Change =
  | { operation: 'create'; path: string; content: string }
  | { operation: 'update'; path: string; content: string; sha: string }
  | { operation: 'delete'; path: string; sha: string };

const PER_PAGE = 1000;
const PAGES = 5;

/** Whole states of repositories in Gitea, and commits of several files at once. */
export interface Trees {
  /** Undefined where there is no such repository or commit. */
  tree(repository: string, ref: string): Promise<Tree | undefined>;
  /** The content of a file, in base64. */
  blob(repository: string, id: string): Promise<string>;
  /** One commit with all changes, or none; gives back its id. */
  commit(repository: string, branch: string, files: Change[], message: string, author?: Person): Promise<string>;
}

export class GiteaTrees implements Trees {
  constructor(
    readonly baseUrl: string,
    private readonly headers: Record<string, string>,
    private readonly request: typeof fetch = fetch,
  ) {}

  static fromConfig(config: Config): GiteaTrees {
    const [integration] = ScmIntegrations.fromConfig(config).gitea.list();
    if (!integration) throw new InputError('No Gitea is configured under integrations.gitea');
    const { headers } = getGiteaRequestOptions(integration.config) as { headers: Record<string, string> };
    return new GiteaTrees(integration.config.baseUrl!, headers);
  }

  async tree(repository: string, ref: string): Promise<Tree | undefined> {
    const found: Tree = new Map();
    for (let page = 1; page <= PAGES; page++) {
      const query = `recursive=true&per_page=${PER_PAGE}&page=${page}`;
      const { status, body } = await this.send('GET', `repos/${repository}/git/trees/${encodeURIComponent(ref)}?${query}`);
      if (status === 404 || (status === 409 && page === 1)) return undefined;
      for (const { path, type, sha } of expected(status, body).tree ?? []) {
        if (type === 'blob') found.set(path, sha);
      }
      if (!body.truncated) return found;
    }
    throw new InputError(`${repository} has too many files to compare`);
  }

  async blob(repository: string, id: string): Promise<string> {
    const { status, body } = await this.send('GET', `repos/${repository}/git/blobs/${encodeURIComponent(id)}`);
    return expected(status, body).content;
  }

  async commit(repository: string, branch: string, files: Change[], message: string, author?: Person): Promise<string> {
    const { status, body } = await this.send('POST', `repos/${repository}/contents`, { branch, files, message, author });
    if (status === 409 || status === 422) throw new ConflictError(`${repository} was changed meanwhile; look again`);
    return expected(status, body).commit.sha;
  }

  private async send(method: string, path: string, body?: object): Promise<{ status: number; body: any }> {
    try {
      const response = await this.request(`${this.baseUrl}/api/v1/${path}`, {
        method,
        headers: { ...this.headers, ...(body && { 'Content-Type': 'application/json' }) },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(5_000),
      });
      return { status: response.status, body: await response.json().catch(() => ({})) };
    } catch (error: any) {
      throw new ServiceUnavailableError(`Gitea does not answer: ${error.cause?.code ?? error.message}`);
    }
  }
}

function expected(status: number, body: any): any {
  if (status >= 200 && status < 300) return body;
  throw new ServiceUnavailableError(`Gitea answered ${status}: ${body?.message ?? 'no reason given'}`);
}

import { ConflictError, InputError, ResponseError } from '@backstage/errors';
import { getGiteaRequestOptions, ScmIntegrations } from '@backstage/integration';
import { Config } from '@backstage/config';

export type Person = { name: string; email: string };
export type FileChange = 'created' | 'updated' | 'unchanged';

/** Milliseconds that Gitea may take for an answer. */
const SOON = 5_000;

/** The few calls to Gitea's API that the portal's own steps need, with the integration's rights. */
export class GiteaClient {
  constructor(
    readonly baseUrl: string,
    private readonly headers: Record<string, string>,
    private readonly request: typeof fetch = fetch,
  ) {}

  /** The client of the one Gitea that the portal is configured with. */
  static fromConfig(config: Config): GiteaClient {
    const [integration] = ScmIntegrations.fromConfig(config).gitea.list();
    if (!integration) throw new InputError('No Gitea is configured under integrations.gitea');
    const { headers } = getGiteaRequestOptions(integration.config) as { headers: Record<string, string> };
    return new GiteaClient(integration.config.baseUrl!, headers);
  }

  /** Whether `owner/name` is taken. */
  async hasRepository(repository: string): Promise<boolean> {
    return (await this.get<object>(`repos/${repository}`)) !== undefined;
  }

  async hasFile(repository: string, path: string): Promise<boolean> {
    return (await this.get<object>(`repos/${repository}/contents/${path}`)) !== undefined;
  }

  /** The newest commit that touched `path`; undefined where there is none, or no such repository. */
  async lastCommit(repository: string, path: string): Promise<any | undefined> {
    const query = new URLSearchParams({ path, limit: '1', stat: 'false', verification: 'false', files: 'false' });
    const found = await this.get<any[]>(`repos/${repository}/commits?${query}`);
    return found?.[0];
  }

  /** OWNER/NAME of repositories, the one that changed last first. */
  async lastChanged(limit: number): Promise<string[]> {
    const found = await this.get<any>(`repos/search?sort=updated&order=desc&limit=${limit}`);
    return (found?.data ?? []).map((repository: any) => repository.full_name);
  }

  /** Commits `content` as the file's new content; an unchanged file gives no commit. */
  async writeFile(
    repository: string,
    path: string,
    content: string,
    commit: { message: string; author?: Person },
  ): Promise<FileChange> {
    const url = `repos/${repository}/contents/${path}`;
    const existing = await this.get<Record<string, string>>(url);
    const encoded = Buffer.from(content).toString('base64');
    if (existing?.content === encoded) return 'unchanged';
    await this.send(existing ? 'PUT' : 'POST', url, { content: encoded, sha: existing?.sha, ...commit });
    return existing ? 'updated' : 'created';
  }

  /** The text of a file at a branch or commit, with the id by which it can be replaced. */
  async readFile(repository: string, path: string, ref = 'main'): Promise<{ text: string; sha: string } | undefined> {
    const found = await this.get<Record<string, string>>(`repos/${repository}/contents/${path}?ref=${encodeURIComponent(ref)}`);
    return found && { text: Buffer.from(found.content ?? '', 'base64').toString('utf8'), sha: found.sha };
  }

  /** Where the repository's page leads besides its files. */
  async setWebsite(repository: string, website: string): Promise<void> {
    await this.send('PATCH', `repos/${repository}`, { website });
  }

  /** Names of the files in a folder; none where it does not exist. */
  async listFolder(repository: string, path: string): Promise<string[]> {
    const found = await this.get<any>(`repos/${repository}/contents/${path}`);
    return Array.isArray(found) ? found.map(({ name }) => name) : [];
  }

  /** The commits that touched a path, the newest first. */
  async history(repository: string, path: string, limit = 50): Promise<any[]> {
    const query = `path=${encodeURIComponent(path)}&limit=${limit}&stat=false&verification=false&files=false`;
    return (await this.get<any[]>(`repos/${repository}/commits?${query}`)) ?? [];
  }

  /** One commit with who stands behind it; undefined where the repository has none of this id. */
  async commit(repository: string, id: string): Promise<any | undefined> {
    return /^[0-9a-f]{7,64}$/.test(id) ? this.get<any>(`repos/${repository}/git/commits/${id}`) : undefined;
  }

  /** Commits a file that replaces what `sha` names, or is new; a conflict where somebody was faster. */
  async putFile(
    repository: string,
    path: string,
    content: string,
    commit: { message: string; author?: Person },
    sha?: string,
  ): Promise<string> {
    const body = { content: Buffer.from(content).toString('base64'), sha, branch: 'main', ...commit };
    const response = await this.request(`${this.baseUrl}/api/v1/repos/${repository}/contents/${path}`, {
      method: sha ? 'PUT' : 'POST',
      headers: { ...this.headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(SOON),
    });
    if (response.status === 409 || response.status === 422) {
      throw new ConflictError(`${path} was changed by somebody else meanwhile; look again`);
    }
    if (!response.ok) throw await ResponseError.fromResponse(response as any);
    return ((await response.json()) as any).commit.sha;
  }

  private async get<T>(path: string): Promise<T | undefined> {
    const response = await this.request(`${this.baseUrl}/api/v1/${path}`, {
      headers: this.headers,
      signal: AbortSignal.timeout(SOON),
    });
    if (response.status === 404) return undefined;
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response.json();
  }

  private async send(method: string, path: string, body: object): Promise<void> {
    const response = await this.request(`${this.baseUrl}/api/v1/${path}`, {
      method,
      headers: { ...this.headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw await ResponseError.fromResponse(response);
  }
}

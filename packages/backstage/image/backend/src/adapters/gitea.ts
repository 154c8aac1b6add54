import { InputError, ResponseError } from '@backstage/errors';
import { getGiteaRequestOptions, ScmIntegrations } from '@backstage/integration';
import { Config } from '@backstage/config';

export type Person = { name: string; email: string };
export type FileChange = 'created' | 'updated' | 'unchanged';

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
    return (await this.get(`repos/${repository}`)) !== undefined;
  }

  async hasFile(repository: string, path: string): Promise<boolean> {
    return (await this.get(`repos/${repository}/contents/${path}`)) !== undefined;
  }

  /** Commits `content` as the file's new content; an unchanged file gives no commit. */
  async writeFile(
    repository: string,
    path: string,
    content: string,
    commit: { message: string; author?: Person },
  ): Promise<FileChange> {
    const url = `repos/${repository}/contents/${path}`;
    const existing = await this.get(url);
    const encoded = Buffer.from(content).toString('base64');
    if (existing?.content === encoded) return 'unchanged';
    await this.send(existing ? 'PUT' : 'POST', url, { content: encoded, sha: existing?.sha, ...commit });
    return existing ? 'updated' : 'created';
  }

  private async get(path: string): Promise<Record<string, string> | undefined> {
    const response = await this.request(`${this.baseUrl}/api/v1/${path}`, { headers: this.headers });
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

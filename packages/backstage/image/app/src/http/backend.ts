import { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';

/** One plugin of the portal's own backend; what it refuses becomes an error in its own words. */
export class Backend {
  constructor(
    private readonly plugin: string,
    private readonly discovery: DiscoveryApi,
    private readonly fetchApi: FetchApi,
  ) {}

  get(path: string): Promise<Response> {
    return this.ask(path);
  }

  post(path: string, body: object = {}): Promise<Response> {
    return this.ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  private async ask(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.fetchApi.fetch(`${await this.discovery.getBaseUrl(this.plugin)}/${path}`, init);
    if (response.ok) return response;
    const { body, message } = await ResponseError.fromResponse(response);
    // The backend's own words and name say more than the status of its answer.
    throw Object.assign(new Error(body?.error?.message ?? message), { name: body?.error?.name ?? 'Error' });
  }
}

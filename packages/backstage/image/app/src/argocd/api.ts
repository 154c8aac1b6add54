import { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';

export type Application = {
  name: string;
  sync: string;
  health: string;
  messages: string[];
  revision?: string;
  revisionUrl?: string;
  deployedAt?: string;
  namespace?: string;
  images: string[];
  resources: { kind: string; name: string; sync?: string; health?: string }[];
};

export interface ArgocdApi {
  getApplication(name: string): Promise<Application>;
}

/** The backend's own words, which say more than the status of its answer. */
function reasonOf(error: ResponseError): string {
  return error.body?.error?.message ?? error.message;
}

/** Asks the portal's own backend, which asks the cluster. */
export class ArgocdClient implements ArgocdApi {
  constructor(
    private readonly discovery: DiscoveryApi,
    private readonly fetchApi: FetchApi,
  ) {}

  async getApplication(name: string): Promise<Application> {
    const base = await this.discovery.getBaseUrl('argocd');
    const response = await this.fetchApi.fetch(`${base}/applications/${encodeURIComponent(name)}`);
    if (!response.ok) throw new Error(reasonOf(await ResponseError.fromResponse(response)));
    return response.json();
  }
}

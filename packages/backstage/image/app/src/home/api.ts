import { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';

export type Run = { name: string; phase: string; startedAt?: string; finishedAt?: string };
export type Pipeline = { namespace: string; template: string; last: Run | null };
export type LatestVersion = {
  version: string;
  aliases: string[];
  metrics: Record<string, number>;
  createdAt?: string;
};
export type Model = { name: string; url: string; latest: LatestVersion | null };
export type Delivery = { name: string; sync: string; health: string; deployedAt?: string };
export type Check = { id: string; title: string; ok: boolean; reason: string };
export type Governed = { versions: Record<string, { state: string; checks: Check[] }> };
export type DocsChange = { repository: string; changedAt: string; message: string; url: string };

/** The live facts behind a list of entities, each list in one question. */
export interface HomeApi {
  pipelines(refs: string[]): Promise<Pipeline[]>;
  models(names: string[]): Promise<Model[]>;
  deliveries(names: string[]): Promise<Delivery[]>;
  governed(model: string, version: string): Promise<Governed>;
  docs(repositories: string[]): Promise<DocsChange[]>;
}

/** As many as one question may name. */
export const MOST = 100;

/** Asks the portal's own backends, which ask the systems. */
export class HomeClient implements HomeApi {
  constructor(
    private readonly discovery: DiscoveryApi,
    private readonly fetchApi: FetchApi,
  ) {}

  async pipelines(refs: string[]): Promise<Pipeline[]> {
    return this.list('pipelines', 'latest', 'refs', refs, 'pipelines');
  }

  async models(names: string[]): Promise<Model[]> {
    return this.list('ml', 'models', 'names', names, 'models');
  }

  async deliveries(names: string[]): Promise<Delivery[]> {
    return this.list('argocd', 'applications', 'names', names, 'applications');
  }

  async docs(repositories: string[]): Promise<DocsChange[]> {
    return this.list('home', 'docs', 'repositories', repositories, 'docs');
  }

  governed(model: string, version: string): Promise<Governed> {
    return this.get('governance', `models/${encodeURIComponent(model)}?version=${encodeURIComponent(version)}`);
  }

  /** Nothing is asked about nothing, and about many in as many questions as it takes. */
  private async list(plugin: string, path: string, parameter: string, names: string[], key: string): Promise<any[]> {
    const wanted = [...new Set(names)].map(encodeURIComponent);
    const parts = Array.from({ length: Math.ceil(wanted.length / MOST) }, (_, at) => wanted.slice(at * MOST, (at + 1) * MOST));
    const answers = await Promise.all(parts.map(part => this.get(plugin, `${path}?${parameter}=${part.join(',')}`)));
    return answers.flatMap(answer => answer[key] ?? []);
  }

  private async get(plugin: string, path: string): Promise<any> {
    const response = await this.fetchApi.fetch(`${await this.discovery.getBaseUrl(plugin)}/${path}`);
    if (response.status === 404) throw new Error('This platform does not offer it.');
    if (!response.ok) {
      const error = await ResponseError.fromResponse(response);
      throw new Error(error.body?.error?.message ?? error.message);
    }
    return response.json();
  }
}

import { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';

export type Run = {
  id: string;
  name: string;
  status: string;
  startedAt?: string;
  endedAt?: string;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
  url: string;
};

export type Runs = { experimentUrl: string; runs: Run[]; next?: string };

export type Version = {
  version: string;
  createdAt?: string;
  status: string;
  aliases: string[];
  runId?: string;
  runUrl?: string;
  tags: Record<string, string>;
  metrics: Record<string, number>;
  description: string;
  url: string;
};

export type Model = { name: string; url: string; versions: Version[] };

export type ModelSummary = {
  name: string;
  url: string;
  latest: Pick<Version, 'version' | 'aliases' | 'metrics' | 'createdAt'> | null;
};

export type Evidence = {
  plots: { name: string; path: string }[];
  importance?: Record<string, number>;
  card?: string;
};

export interface MlApi {
  getRuns(experiment: string, page?: string): Promise<Runs>;
  getModel(name: string): Promise<Model>;
  getModels(names: string[]): Promise<ModelSummary[]>;
  getEvidence(model: string, version: string): Promise<Evidence>;
  /** A picture as a data URL: the request needs the user's token, which an address cannot carry. */
  getPlot(path: string): Promise<string>;
}

/** Asks the portal's own backend, which asks MLflow. */
export class MlClient implements MlApi {
  constructor(
    private readonly discovery: DiscoveryApi,
    private readonly fetchApi: FetchApi,
  ) {}

  async getRuns(experiment: string, page?: string): Promise<Runs> {
    const query = page ? `&page=${encodeURIComponent(page)}` : '';
    return (await this.ask(`experiments/${encodeURIComponent(experiment)}/runs?limit=100${query}`)).json();
  }

  async getModel(name: string): Promise<Model> {
    return (await this.ask(`models/${encodeURIComponent(name)}`)).json();
  }

  async getModels(names: string[]): Promise<ModelSummary[]> {
    const response = await this.ask(`models?names=${names.map(encodeURIComponent).join(',')}`);
    return (await response.json()).models;
  }

  async getEvidence(model: string, version: string): Promise<Evidence> {
    return (await this.ask(`models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/evidence`)).json();
  }

  async getPlot(path: string): Promise<string> {
    const picture = await (await this.ask(path)).blob();
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(picture);
    });
  }

  private async ask(path: string): Promise<Response> {
    const response = await this.fetchApi.fetch(`${await this.discovery.getBaseUrl('ml')}/${path}`);
    if (response.ok) return response;
    const { body, message } = await ResponseError.fromResponse(response);
    // The backend's own words and name say more than the status of its answer.
    throw Object.assign(new Error(body?.error?.message ?? message), { name: body?.error?.name ?? 'Error' });
  }
}

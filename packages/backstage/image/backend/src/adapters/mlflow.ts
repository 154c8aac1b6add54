import { Config } from '@backstage/config';
import { InputError, ServiceUnavailableError } from '@backstage/errors';

export type Pair = { key: string; value: string };
export type MlflowRun = {
  info: { run_id: string; run_name?: string; experiment_id: string; status?: string; start_time?: number; end_time?: number };
  data?: { metrics?: { key: string; value: number | string }[]; params?: Pair[]; tags?: Pair[] };
};
export type MlflowExperiment = { experiment_id: string; name: string; lifecycle_stage?: string; tags?: Pair[] };
export type MlflowVersion = {
  name: string;
  version: string;
  creation_timestamp?: number;
  status?: string;
  description?: string;
  run_id?: string;
  aliases?: string[];
  tags?: Pair[];
};
export type MlflowModel = {
  name: string;
  description?: string;
  tags?: Pair[];
  aliases?: { alias: string; version: string }[];
  latest_versions?: MlflowVersion[];
};

const SECONDS = 5;
const ABSENT = ['RESOURCE_DOES_NOT_EXIST', 'ENDPOINT_NOT_FOUND'];
const REFUSED = ['INVALID_PARAMETER_VALUE', 'BAD_REQUEST'];
/** As many pages of a list as are read before it is cut short. */
const PAGES = 5;

/** MLflow's REST API as far as the portal reads it; what is not there is undefined. */
export class MlflowClient {
  /** `service` is the address in the cluster, `url` the one for people. */
  constructor(
    readonly service: string,
    readonly url: string,
    private readonly request: typeof fetch = fetch,
  ) {}

  /** The client of the platform's MLflow; undefined on a platform without one. */
  static fromConfig(config: Config): MlflowClient | undefined {
    const offer = config.getOptionalConfig('portal.offers.mlflow');
    return offer && new MlflowClient(offer.getString('service'), offer.getString('url'));
  }

  async experiment(name: string): Promise<MlflowExperiment | undefined> {
    return (await this.get('experiments/get-by-name', { experiment_name: name }))?.experiment;
  }

  async experiments(): Promise<MlflowExperiment[]> {
    return this.all(token => this.post('experiments/search', { max_results: 1000, page_token: token }), 'experiments');
  }

  /** One page of an experiment's runs, the newest first. */
  async runs(experimentId: string, limit: number, token?: string): Promise<{ runs: MlflowRun[]; next?: string }> {
    const found = await this.post('runs/search', {
      experiment_ids: [experimentId],
      max_results: limit,
      order_by: ['attributes.start_time DESC'],
      page_token: token,
    });
    return { runs: found?.runs ?? [], next: found?.next_page_token || undefined };
  }

  /** Runs by their ids, wherever they are, by one question. */
  async runsById(ids: string[], experimentIds: string[]): Promise<MlflowRun[]> {
    const safe = ids.filter(id => /^\w+$/.test(id));
    if (safe.length === 0 || experimentIds.length === 0) return [];
    const found = await this.post('runs/search', {
      experiment_ids: experimentIds,
      filter: `attributes.run_id IN (${safe.map(id => `'${id}'`).join(',')})`,
      max_results: safe.length,
    });
    return found?.runs ?? [];
  }

  /** One run by its id; undefined where there is none. */
  async run(id: string): Promise<MlflowRun | undefined> {
    return (await this.get('runs/get', { run_id: id }))?.run;
  }

  async model(name: string): Promise<MlflowModel | undefined> {
    return (await this.get('registered-models/get', { name }))?.registered_model;
  }

  async models(): Promise<MlflowModel[]> {
    return this.all(
      token => this.get('registered-models/search', { max_results: '1000', ...(token && { page_token: token }) }),
      'registered_models',
    );
  }

  /** The newest versions of a model, the newest first. */
  async versions(name: string, limit: number): Promise<MlflowVersion[]> {
    const found = await this.get('model-versions/search', {
      filter: `name='${nameOf(name)}'`,
      max_results: String(limit),
      order_by: 'version_number DESC',
    });
    return found?.model_versions ?? [];
  }

  async version(name: string, version: string): Promise<MlflowVersion | undefined> {
    return (await this.get('model-versions/get', { name, version }))?.model_version;
  }

  /** Names of the files that a run has left at its top level. */
  async files(run: string): Promise<string[]> {
    const found = await this.get('artifacts/list', { run_id: run });
    return (found?.files ?? []).filter((file: any) => !file.is_dir).map((file: any) => file.path);
  }

  /** The bytes of a file of a run; undefined if there is none. */
  async file(run: string, path: string): Promise<Buffer | undefined> {
    const response = await this.send(`get-artifact?${new URLSearchParams({ run_id: run, path })}`);
    if (response.status === 404) return undefined;
    if (!response.ok) throw refusal(response.status, (await response.text()).slice(0, 200));
    return Buffer.from(await response.arrayBuffer());
  }

  /** Puts a version into production, which MLflow lets nobody do who has not this secret. */
  async promote(name: string, version: string, secret: string): Promise<void> {
    const done = await this.ask('api/2.0/mlflow/registered-models/alias', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Idp-Governance': secret },
      body: JSON.stringify({ name, alias: 'production', version }),
    });
    if (!done) throw new InputError(`MLflow has no version ${version} of ${name}`);
  }

  private get(path: string, query: Record<string, string>): Promise<any> {
    return this.ask(`api/2.0/mlflow/${path}?${new URLSearchParams(query)}`);
  }

  private post(path: string, body: object): Promise<any> {
    return this.ask(`api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  private async all(page: (token?: string) => Promise<any>, key: string): Promise<any[]> {
    const found: any[] = [];
    let token: string | undefined;
    for (let number = 0; number < PAGES; number++) {
      const answer = await page(token);
      found.push(...(answer?.[key] ?? []));
      token = answer?.next_page_token;
      if (!token) break;
    }
    return found;
  }

  private async ask(path: string, init?: RequestInit): Promise<any> {
    const response = await this.send(path, init);
    const body: any = await response.json().catch(() => ({}));
    if (response.ok) return body;
    if (ABSENT.includes(body.error_code)) return undefined;
    if (REFUSED.includes(body.error_code)) throw new InputError(`MLflow refuses the question: ${body.message}`);
    throw refusal(response.status, body.message);
  }

  private async send(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await this.request(`${this.service}/${path}`, { ...init, signal: AbortSignal.timeout(SECONDS * 1000) });
    } catch (error: any) {
      const why = error.name === 'TimeoutError' ? `no answer in ${SECONDS} s` : error.cause?.code ?? error.message;
      throw new ServiceUnavailableError(`MLflow does not answer: ${why}`);
    }
  }
}

/** MLflow itself has neither `/` nor `:` in names of models; quotes would end the filter. */
function nameOf(name: string): string {
  if (/['"`\\/:]/.test(name)) throw new InputError(`${name} cannot be the name of a model`);
  return name;
}

function refusal(status: number, message: string | undefined) {
  return new ServiceUnavailableError(`MLflow does not answer: status ${status}${message ? `, ${message}` : ''}`);
}

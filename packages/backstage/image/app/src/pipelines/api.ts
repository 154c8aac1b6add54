import { Backend } from '../http/backend';

export type Step = {
  id: string;
  name: string;
  phase: string;
  startedAt?: string;
  finishedAt?: string;
  message?: string;
};

export type Run = {
  name: string;
  phase: string;
  startedAt: string;
  finishedAt?: string;
  message?: string;
  origin: 'portal' | 'schedule' | 'commit' | 'hand';
  startedBy?: string;
  steps: Step[];
};

/** `away`: what to say while nothing works on the runs. */
export type Runs = { runs: Run[]; next?: string; away?: string; mayRun: boolean; mayNot?: string };

/** Where a pipeline is delivered to, and the template that its runs are made from. */
export type Pipeline = { namespace: string; template: string };

export interface PipelinesApi {
  runs(pipeline: Pipeline, page?: string): Promise<Runs>;
  log(pipeline: Pipeline, run: string, step: string): Promise<string>;
  start(pipeline: Pipeline): Promise<{ name: string }>;
}

/** Asks the portal's own backend, which asks the cluster. */
export class PipelinesClient implements PipelinesApi {
  constructor(private readonly backend: Backend) {}

  async runs({ namespace, template }: Pipeline, page?: string): Promise<Runs> {
    const query = page ? `&page=${encodeURIComponent(page)}` : '';
    return (await this.backend.get(`${namespace}/${template}/runs?limit=20${query}`)).json();
  }

  async log({ namespace }: Pipeline, run: string, step: string): Promise<string> {
    return (await this.backend.get(`${namespace}/runs/${run}/log?step=${encodeURIComponent(step)}`)).text();
  }

  async start({ namespace, template }: Pipeline): Promise<{ name: string }> {
    return (await this.backend.post(`${namespace}/${template}/runs`)).json();
  }
}

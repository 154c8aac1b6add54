import { CompoundEntityRef } from '@backstage/catalog-model';
import { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { Backend } from '../http/backend';

/** A check's verdict; `ok` is null where it could not be found out. */
export type Check = { id: string; title: string; ok: boolean | null; reason: string; url?: string };

/** `score` is the share of checks that hold among those that are known, in percent; null where none is. */
export type Scorecard = { score: number | null; checks: Check[] };

export interface ScorecardApi {
  of(entity: CompoundEntityRef): Promise<Scorecard>;
}

/** Asks the portal's own backend, which asks the catalogue, Gitea and governance. */
export class ScorecardClient implements ScorecardApi {
  private readonly backend: Backend;

  constructor(discovery: DiscoveryApi, fetchApi: FetchApi) {
    this.backend = new Backend('scorecard', discovery, fetchApi);
  }

  async of({ kind, namespace, name }: CompoundEntityRef): Promise<Scorecard> {
    const path = [kind, namespace, name].map(part => encodeURIComponent(part.toLowerCase())).join('/');
    return (await this.backend.get(`entities/${path}`)).json();
  }
}

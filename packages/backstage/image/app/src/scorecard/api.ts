import { CompoundEntityRef } from '@backstage/catalog-model';
import { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';

/** A check's verdict; `ok` is null where it could not be found out. */
export type Check = { id: string; title: string; ok: boolean | null; reason: string; url?: string };

/** `score` is the share of checks that hold among those that are known, in percent; null where none is. */
export type Scorecard = { score: number | null; checks: Check[] };

export interface ScorecardApi {
  of(entity: CompoundEntityRef): Promise<Scorecard>;
}

/** Asks the portal's own backend, which asks the catalogue, Gitea and governance. */
export class ScorecardClient implements ScorecardApi {
  constructor(
    private readonly discovery: DiscoveryApi,
    private readonly fetchApi: FetchApi,
  ) {}

  async of({ kind, namespace, name }: CompoundEntityRef): Promise<Scorecard> {
    const path = [kind, namespace, name].map(part => encodeURIComponent(part.toLowerCase())).join('/');
    const response = await this.fetchApi.fetch(`${await this.discovery.getBaseUrl('scorecard')}/entities/${path}`);
    if (response.ok) return response.json();
    const { body, message } = await ResponseError.fromResponse(response);
    // The backend's own words and name say more than the status of its answer.
    throw Object.assign(new Error(body?.error?.message ?? message), { name: body?.error?.name ?? 'Error' });
  }
}

import { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';

export type Check = { id: string; title: string; ok: boolean; reason: string };

export type VersionState = {
  state: 'unapproved' | 'approved' | 'rejected' | 'production';
  author: string;
  authors: string[];
  checks: Check[];
  approval?: { decision: string; by: string; at: string; comment: string; commit: string; url: string };
  mayApprove: boolean;
  mayNot?: string;
};

export type ModelState = { versions: Record<string, VersionState>; production?: string; mayPromote: boolean };

export type ModelSummary = {
  name: string;
  entityRef: string;
  owner: string;
  newest?: string;
  production?: string;
  since?: string;
  by?: string;
};

type Changed = { field: string; from: unknown; to: unknown };

/** The part of an audit record that its page shows; a download has all of it. */
export type AuditRecord = {
  schema: string;
  generatedAt: string;
  model: { name: string; owner?: string };
  production?: { version: string; since?: string; by?: string; url?: string };
  versions: {
    version: string;
    createdAt?: string;
    state: string;
    authors: string[];
    evidence: {
      run: string;
      data: { name: string; version: string; sha256: string };
      code: { repository: string; commit: string };
      pipelineRun: string;
      modelSha256: string;
      metrics: Record<string, number>;
      explanations: Record<string, string>;
    };
    approvals: { decision: string; by: string; at: string; comment: string; url: string }[];
    changes?: { since: string; what: Changed[] };
  }[];
  deployments: { entity: string; application?: string; since?: string; sync?: string; health?: string }[];
};

export interface GovernanceApi {
  models(): Promise<{ models: ModelSummary[] }>;
  state(model: string, version: string): Promise<ModelState>;
  decide(model: string, version: string, decision: 'approved' | 'rejected', comment: string): Promise<void>;
  promote(model: string, version: string): Promise<void>;
  audit(model: string): Promise<AuditRecord>;
}

/** Asks the portal's own backend, which knows Git, MLflow and who is asking. */
export class GovernanceClient implements GovernanceApi {
  constructor(
    private readonly discovery: DiscoveryApi,
    private readonly fetchApi: FetchApi,
  ) {}

  models() {
    return this.ask('models');
  }

  state(model: string, version: string) {
    return this.ask(`models/${encodeURIComponent(model)}?version=${encodeURIComponent(version)}`);
  }

  async decide(model: string, version: string, decision: 'approved' | 'rejected', comment: string) {
    await this.ask(`${this.path(model, version)}/approval`, { comment, decision });
  }

  async promote(model: string, version: string) {
    await this.ask(`${this.path(model, version)}/production`, {});
  }

  audit(model: string) {
    return this.ask(`models/${encodeURIComponent(model)}/audit`);
  }

  private path(model: string, version: string) {
    return `models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`;
  }

  private async ask(path: string, body?: object) {
    const base = await this.discovery.getBaseUrl('governance');
    const response = await this.fetchApi.fetch(
      `${base}/${path}`,
      body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
    );
    if (response.ok) return response.json();
    const error = await ResponseError.fromResponse(response);
    throw new Error((error.body as any)?.error?.message ?? error.message);
  }
}

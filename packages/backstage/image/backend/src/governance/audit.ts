import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { Check } from './checks';
import { differences, Evidence, sha256 } from './evidence';
import { Examined, Governance, stateIn } from './governance';
import { approvalFrom, approvalPath, promotionFrom, promotionPath } from './record';

export const SCHEMA = 'idp.dev/audit/v1';
const VERSIONS = 50;

export type AuditApproval = {
  decision: string;
  by: string;
  at: string;
  comment: string;
  /** Where it lies in Git, and the hash of the file as it was committed. */
  repository: string;
  path: string;
  commit: string;
  sha256: string;
  url: string;
};

export type AuditVersion = {
  version: string;
  createdAt?: string;
  state: string;
  authors: string[];
  evidence: Evidence;
  card: { repository: string; commit: string; sha256: string };
  checks: Check[];
  approvals: AuditApproval[];
  /** What is other than in the version before it. */
  changes?: { since: string; what: { field: string; from: unknown; to: unknown }[] };
};

export type AuditDeployment = {
  entity: string;
  application?: string;
  namespace?: string;
  since?: string;
  deployedAt?: string;
  sync?: string;
  health?: string;
  revision?: string;
};

export type AuditRecord = {
  schema: typeof SCHEMA;
  generatedAt: string;
  generatedBy: string;
  model: { name: string; entity?: string; owner?: string; system?: string };
  production?: { version: string; since?: string; by?: string; commit?: string; url?: string };
  promotions: { version: string; by: string; at: string; commit: string; url: string }[];
  versions: AuditVersion[];
  /** Whether there are more versions than are told of here. */
  truncated: boolean;
  deployments: AuditDeployment[];
};

/** The whole record of a model: the one place where it is put together. */
export async function auditOf(
  governance: Governance,
  name: string,
  entity: Entity | undefined,
  dependants: Entity[],
  by: string,
): Promise<AuditRecord> {
  const { mlflow } = governance.systems;
  const [model, found] = await Promise.all([mlflow.model(name), mlflow.versions(name, VERSIONS + 1)]);
  const production = model && governance.productionOf(model);
  const examined: Examined[] = [];
  for (const version of found.slice(0, VERSIONS)) examined.push(await governance.examine(version, entity));
  const versions = await Promise.all(
    examined.map((one, index) => versionOf(governance, one, examined[index + 1], production)),
  );
  const promotions = await promotionsOf(governance, name);
  const last = promotions.find(({ version }) => version === production);
  return {
    schema: SCHEMA,
    generatedAt: new Date().toISOString(),
    generatedBy: by,
    model: {
      name,
      entity: entity && stringifyEntityRef(entity),
      owner: entity?.spec?.owner as string | undefined,
      system: entity?.spec?.system as string | undefined,
    },
    ...(production && {
      production: { version: production, since: last?.at, by: last?.by, commit: last?.commit, url: last?.url },
    }),
    promotions,
    versions,
    truncated: found.length > VERSIONS,
    deployments: await Promise.all(dependants.map(dependant => deploymentOf(governance, dependant))),
  };
}

async function versionOf(
  governance: Governance,
  one: Examined,
  before: Examined | undefined,
  production: string | undefined,
): Promise<AuditVersion> {
  const { version, evidence, authors, card, checks, record } = one;
  return {
    version: version.version,
    ...(version.creation_timestamp && { createdAt: new Date(Number(version.creation_timestamp)).toISOString() }),
    state: stateIn(one, production),
    authors,
    evidence,
    card: record?.card ?? { repository: card.repository, commit: card.commit, sha256: sha256(card.text ?? '') },
    checks,
    approvals: record ? await approvalsOf(governance, version.name, version.version) : [],
    ...(before && { changes: { since: before.version.version, what: changesBetween(before.evidence, evidence) } }),
  };
}

/** What differs from one version to the next, apart from what always does. Pure. */
export function changesBetween(from: Evidence, to: Evidence) {
  const always = ['run', 'pipelineRun', 'modelSha256'];
  return differences(from, to)
    .filter(field => !always.includes(field) && !field.startsWith('explanations.'))
    .map(field => ({ field, from: at(from, field), to: at(to, field) }));
}

/** A value by its path; names of parameters may have dots themselves. */
function at(evidence: any, field: string): unknown {
  const [first, ...rest] = field.split('.');
  const inner = evidence?.[first];
  return rest.length ? inner?.[rest.join('.')] ?? null : inner ?? null;
}

/** Every decision about a version that Git has kept, the newest first. */
async function approvalsOf(governance: Governance, name: string, version: string): Promise<AuditApproval[]> {
  const { gitea, repository } = governance.systems;
  const path = approvalPath(name, version);
  const commits = await gitea.history(repository, path, 20);
  return Promise.all(
    commits.map(async ({ sha }) => {
      const text = (await gitea.readFile(repository, path, sha))?.text ?? '';
      const { decision, approver, at: when, comment } = approvalFrom(text);
      const where = { repository, path, commit: sha, sha256: sha256(text), url: governance.page(sha) };
      return { decision, by: approver, at: when, comment, ...where };
    }),
  );
}

async function promotionsOf(governance: Governance, name: string) {
  const { gitea, repository } = governance.systems;
  const path = promotionPath(name);
  const commits = await gitea.history(repository, path, 50);
  return Promise.all(
    commits.map(async ({ sha }) => {
      const { version, by, at: when } = promotionFrom((await gitea.readFile(repository, path, sha))?.text ?? '{}');
      return { version, by, at: when, commit: sha, url: governance.page(sha) };
    }),
  );
}

/** Where an entity that uses the model runs, and since when. */
async function deploymentOf(governance: Governance, dependant: Entity): Promise<AuditDeployment> {
  const entity = stringifyEntityRef(dependant);
  const application = dependant.metadata.annotations?.['argocd/app-name'];
  if (!application) return { entity };
  const path = `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${encodeURIComponent(application)}`;
  const { status, body } = await governance.systems.cluster.get(path).catch(() => ({ status: 0, body: undefined }));
  if (status !== 200) return { entity, application, sync: 'Unknown', health: 'Unknown' };
  return {
    entity,
    application,
    namespace: body.spec?.destination?.namespace,
    since: body.metadata?.creationTimestamp,
    deployedAt: body.status?.operationState?.finishedAt,
    sync: body.status?.sync?.status,
    health: body.status?.health?.status,
    revision: body.status?.sync?.revision,
  };
}

import { Entity } from '@backstage/catalog-model';
import { ConflictError, InputError, NotAllowedError, NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { GiteaClient } from '../adapters/gitea';
import { Cluster } from '../adapters/kubernetes';
import { MlflowClient, MlflowVersion } from '../adapters/mlflow';
import { authorsOf, STARTED_BY } from './authors';
import { Check, checksOf } from './checks';
import { Evidence, gather, sha256 } from './evidence';
import { Actor, mayNotApprove, mayPromote, repositoryOf } from './people';
import {
  approvalFrom,
  approvalPath,
  ApprovalRecord,
  Decision,
  objections,
  PromotionRecord,
  promotionPath,
  toText,
} from './record';

export const CARD = 'docs/model-card.md';
const VERSIONS = 20;

export type Systems = {
  mlflow: MlflowClient;
  gitea: GiteaClient;
  cluster: Cluster;
  /** Repository in Gitea that holds the decisions. */
  repository: string;
  /** The portal's own account in Gitea. */
  robot: string;
  /** The secret with which MLflow lets the portal move the alias. */
  secret: () => Promise<string>;
};

export type Examined = {
  version: MlflowVersion;
  evidence: Evidence;
  authors: string[];
  checks: Check[];
  card: { repository: string; commit: string; text: string | undefined };
  record?: ApprovalRecord;
  /** Why the record does not carry the version into production; empty where it does. */
  objections: string[];
};

export type VersionState = {
  state: 'unapproved' | 'approved' | 'rejected' | 'production';
  author: string;
  authors: string[];
  checks: Check[];
  approval?: { decision: Decision; by: string; at: string; comment: string; commit: string; url: string; evidence: Evidence };
  mayApprove: boolean;
  mayNot?: string;
};

const isRepository = (text: string) => /^[\w.-]+\/[\w.-]+$/.test(text) && !text.includes('..');

/** How far a version has come, by its record and by what MLflow calls production. */
export function stateIn({ version, record, objections: against }: Examined, production?: string): VersionState['state'] {
  if (version.version === production) return 'production';
  if (record?.decision === 'rejected') return 'rejected';
  return record && against.length === 0 ? 'approved' : 'unapproved';
}

/** Decisions about models: what may be decided, by whom, and where it is written down. */
export class Governance {
  constructor(readonly systems: Systems) {}

  /** The state of a model's newest versions, or of one, as somebody sees it. */
  async states(name: string, entity: Entity | undefined, actor: Actor, only?: string) {
    const { mlflow } = this.systems;
    const [model, listed] = await Promise.all([mlflow.model(name), mlflow.versions(name, VERSIONS)]);
    if (!model) throw new NotFoundError(`MLflow has no model ${name}`);
    const production = this.productionOf(model);
    const older = production && !listed.some(({ version }) => version === production);
    const wanted = [...listed, ...(older ? [await mlflow.version(name, production)] : [])].filter(
      (version): version is MlflowVersion => Boolean(version) && (!only || version!.version === only),
    );
    if (only && wanted.length === 0) wanted.push(await this.version(name, only));
    const decided = await this.systems.gitea.listFolder(this.systems.repository, `models/${name}`);
    const versions: Record<string, VersionState> = {};
    for (const version of wanted) {
      const examined = await this.examine(version, entity, decided.includes(`${version.version}.yaml`));
      versions[version.version] = await this.stateOf(examined, actor, production);
    }
    const newest = versions[only ?? wanted[0]?.version];
    return { versions, production, mayApprove: newest?.mayApprove ?? false, mayNot: newest?.mayNot, mayPromote: mayPromote(actor) };
  }

  /** Writes a decision down; refuses with all reasons at once. */
  async decide(name: string, number: string, entity: Entity | undefined, actor: Actor, comment: string, decision: Decision) {
    const { gitea, repository } = this.systems;
    const examined = await this.examine(await this.version(name, number), entity);
    const personal = mayNotApprove(actor, examined.authors);
    const failed = decision === 'approved' ? examined.checks.filter(({ ok }) => !ok) : [];
    const reasons = [...personal, ...failed.map(({ title, reason }) => `${title}: no, ${reason}`)];
    if (!comment.trim()) reasons.push('a decision needs a comment');
    const what = `Version ${number} of ${name} cannot be ${decision}: ${reasons.join('; ')}`;
    if (personal.length) throw new NotAllowedError(what);
    if (reasons.length) throw new ConflictError(what);
    if (decision === 'approved' && examined.record && examined.objections.length === 0) {
      throw new ConflictError(`Version ${number} of ${name} has been approved by ${examined.record.approver} already`);
    }
    const record: ApprovalRecord = {
      schema: 1,
      model: name,
      version: number,
      decision,
      authors: examined.authors,
      approver: actor.ref,
      at: new Date().toISOString(),
      comment: comment.trim(),
      evidence: examined.evidence,
      card: {
        repository: examined.card.repository,
        commit: examined.card.commit,
        sha256: sha256(examined.card.text ?? ''),
      },
    };
    const path = approvalPath(name, number);
    const before = await gitea.readFile(repository, path);
    const message = `${decision === 'approved' ? 'Approve' : 'Reject'} version ${number} of ${name}\n\n${record.comment}`;
    const commit = await gitea.putFile(repository, path, toText(record), { message, author: personOf(actor) }, before?.sha);
    return { version: number, decision, commit, url: this.page(commit) };
  }

  /** Puts an approved version into production, for the first time or again. */
  async promote(name: string, number: string, entity: Entity | undefined, actor: Actor) {
    const { gitea, mlflow, repository, secret } = this.systems;
    if (!mayPromote(actor)) {
      throw new NotAllowedError(`Only the owner of ${name}, approvers and the platform team put it into production`);
    }
    const examined = await this.examine(await this.version(name, number), entity);
    if (examined.objections.length || !examined.record) {
      throw new ConflictError(`Version ${number} of ${name} cannot go into production: ${examined.objections.join('; ')}`);
    }
    const model = await mlflow.model(name);
    if (model && this.productionOf(model) === number) return { version: number, alias: 'production' };
    const [approval] = await gitea.history(repository, approvalPath(name, number), 1);
    const record: PromotionRecord = {
      schema: 1,
      model: name,
      version: number,
      by: actor.ref,
      at: new Date().toISOString(),
      approval: approval?.sha ?? '',
    };
    const token = await secret();
    // Written down first: an alias without a record must not be, a record without the alias is seen and repeated.
    const path = promotionPath(name);
    const before = await gitea.readFile(repository, path);
    const message = `Put version ${number} of ${name} into production`;
    const commit = await gitea.putFile(repository, path, toText(record), { message, author: personOf(actor) }, before?.sha);
    await mlflow.promote(name, number, token);
    return { version: number, alias: 'production', commit, url: this.page(commit) };
  }

  /** Everything that a decision about a version goes by, as it is now. */
  async examine(version: MlflowVersion, entity: Entity | undefined, decided = true): Promise<Examined> {
    const { gitea, mlflow, repository, robot } = this.systems;
    const evidence = await gather(mlflow, version);
    const source = isRepository(evidence.code.repository) ? evidence.code.repository : `ml/${version.name}`;
    const [commit, startedBy, text, [written], kept] = await Promise.all([
      evidence.code.commit ? gitea.commit(source, evidence.code.commit) : undefined,
      this.startedBy(`ml-${version.name}`, evidence.pipelineRun),
      gitea.readFile(source, CARD),
      gitea.history(source, CARD, 1),
      decided ? gitea.readFile(repository, approvalPath(version.name, version.version)) : undefined,
    ]);
    const authors = authorsOf(commit, startedBy, robot);
    const card = { repository: source, commit: written?.sha ?? '', text: text?.text };
    const record = kept && approvalFrom(kept.text);
    const approved = record && (await gitea.readFile(record.card.repository, CARD, record.card.commit));
    return {
      version,
      evidence,
      authors,
      card,
      record,
      checks: [
        ownerCheck(entity, evidence.code.repository),
        ...checksOf(evidence, { card: card.text, commitExists: Boolean(commit), authors }),
      ],
      objections: objections(record, evidence, approved?.text),
    };
  }

  productionOf(model: { aliases?: { alias: string; version: string }[] }): string | undefined {
    return model.aliases?.find(({ alias }) => alias === 'production')?.version;
  }

  page(commit: string) {
    return `${this.systems.gitea.baseUrl}/${this.systems.repository}/commit/${commit}`;
  }

  private async version(name: string, number: string): Promise<MlflowVersion> {
    const found = /^\d+$/.test(number) ? await this.systems.mlflow.version(name, number) : undefined;
    if (!found) throw new NotFoundError(`MLflow has no version ${number} of ${name}`);
    return found;
  }

  private async stateOf(examined: Examined, actor: Actor, production: string | undefined): Promise<VersionState> {
    const { version, record, authors, checks } = examined;
    const mayNot = mayNotApprove(actor, authors);
    const state = stateIn(examined, production);
    const live = state === 'production';
    const stale = record?.decision === 'approved' && examined.objections.length > 0 && {
      id: 'approval',
      title: 'What was approved is what is there',
      ok: false,
      reason: examined.objections.join('; '),
    };
    const unrecorded = live && !record && {
      id: 'approval',
      title: 'What is in production was approved',
      ok: false,
      reason: 'it is in production without a record of an approval',
    };
    const [commit] = record ? await this.systems.gitea.history(this.systems.repository, approvalPath(version.name, version.version), 1) : [];
    return {
      state,
      author: authors[0] ?? '',
      authors,
      checks: [...checks, ...[stale, unrecorded].filter((one): one is Check => Boolean(one))],
      ...(record && {
        approval: {
          decision: record.decision,
          by: record.approver,
          at: record.at,
          comment: record.comment,
          commit: commit?.sha ?? '',
          url: commit ? this.page(commit.sha) : '',
          evidence: record.evidence,
        },
      }),
      mayApprove: mayNot.length === 0,
      ...(mayNot.length && { mayNot: mayNot.join('; ') }),
    };
  }

  private async startedBy(namespace: string, run: string): Promise<string | undefined> {
    if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(run) || !/^[a-z0-9-]+$/.test(namespace)) return undefined;
    const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/workflows/${run}`;
    const { status, body } = await this.systems.cluster.get(path).catch(error => {
      throw new ServiceUnavailableError(`The cluster cannot be asked who started ${run}: ${error.message}`);
    });
    return status === 200 ? body.metadata?.annotations?.[STARTED_BY] : undefined;
  }
}

/** A version is decided about only where somebody answers for the model, and by its own repository. */
function ownerCheck(entity: Entity | undefined, repository: string): Check {
  const check = { id: 'owner', title: 'The catalogue knows who answers for it' };
  if (!entity) return { ...check, ok: false, reason: 'no entity of the catalogue names this model' };
  const home = repositoryOf(entity);
  if (home && repository && home !== repository) {
    return { ...check, ok: false, reason: `the model belongs to ${home}, the version says that it is from ${repository}` };
  }
  return { ...check, ok: true, reason: String(entity.spec?.owner ?? '') };
}


function personOf({ name, email }: Actor) {
  if (!email) throw new InputError('The catalogue knows no e-mail address of yours, and a commit needs one');
  return { name, email };
}

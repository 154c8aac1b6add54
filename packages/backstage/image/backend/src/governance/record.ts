import { parse, stringify } from 'yaml';
import { differences, Evidence, sha256 } from './evidence';

export type Decision = 'approved' | 'rejected';

/** A decision as it lies in Git, one file for each version of a model. */
export type ApprovalRecord = {
  schema: 1;
  model: string;
  version: string;
  decision: Decision;
  authors: string[];
  approver: string;
  at: string;
  comment: string;
  evidence: Evidence;
  /** The model card that was read: pinned to its commit, since it goes on being written. */
  card: { repository: string; commit: string; sha256: string };
};

/** Which version is in production, by whose hand; the file's history is the history of production. */
export type PromotionRecord = { schema: 1; model: string; version: string; by: string; at: string; approval: string };

export const approvalPath = (model: string, version: string) => `models/${model}/${version}.yaml`;
export const promotionPath = (model: string) => `models/${model}/production.yaml`;

export const toText = (record: ApprovalRecord | PromotionRecord) => stringify(record, { lineWidth: 0 });

export function approvalFrom(text: string): ApprovalRecord {
  return parse(text);
}

export function promotionFrom(text: string): PromotionRecord {
  return parse(text);
}

/** Why a version may not go into production on the strength of this record; nothing where it may. */
export function objections(record: ApprovalRecord | undefined, present: Evidence, card: string | undefined): string[] {
  if (!record) return ['nobody has approved it'];
  if (record.decision !== 'approved') return [`${record.approver} has rejected it: ${record.comment}`];
  const moved = differences(record.evidence, present);
  return [
    ...(record.authors.includes(record.approver) ? [`${record.approver} has approved work of their own`] : []),
    ...(moved.length ? [`what was approved is no longer what is there: ${moved.join(', ')}`] : []),
    ...(card === undefined || sha256(card) !== record.card.sha256
      ? ['the model card that was approved is not in the repository’s history']
      : []),
  ];
}

import { Permission } from '@backstage/plugin-permission-common';

/** Members of this group look after the platform and may do everything. */
export const PLATFORM_TEAM = 'group:default/platform-team';

/** Members of this group approve models that others have made. */
export const MODEL_APPROVERS = 'group:default/model-approvers';

/** `own`: allowed on what the user started or answers for, refused on the rest. */
export type Verdict = 'allow' | 'deny' | 'own';

/**
 * What every signed-in user may do beyond reading. Whatever is not named here, a permission of a
 * plugin added later included, belongs to the platform team until somebody decides otherwise.
 */
const EVERYBODY: Record<string, Verdict> = {
  'argocd.application.refresh': 'own',
  'argocd.application.rollback': 'own',
  'catalog.entity.refresh': 'allow',
  'catalog.entity.validate': 'allow',
  // Logs of pods come this way; http/proxyGuard.ts lets nothing but looking through.
  'kubernetes.proxy': 'allow',
  'pipelines.run.create': 'own',
  'scaffolder.action.execute': 'allow',
  'scaffolder.task.create': 'allow',
  'scaffolder.task.cancel': 'own',
};

/** Decides from the permission and the groups that a user speaks for. */
export function judge(permission: Pick<Permission, 'name' | 'attributes'>, groups: string[]): Verdict {
  if (groups.includes(PLATFORM_TEAM)) return 'allow';
  if (permission.attributes.action === 'read') return 'allow';
  if (permission.name === 'governance.model.approve' && groups.includes(MODEL_APPROVERS)) return 'allow';
  return EVERYBODY[permission.name] ?? 'deny';
}

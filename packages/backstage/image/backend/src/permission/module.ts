import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { AuthorizeResult, isPermission, PolicyDecision } from '@backstage/plugin-permission-common';
import { PermissionPolicy, PolicyQuery, PolicyQueryUser } from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import {
  createScaffolderTaskConditionalDecision,
  scaffolderTaskConditions,
} from '@backstage/plugin-scaffolder-backend/alpha';
import { taskCancelPermission } from '@backstage/plugin-scaffolder-common/alpha';
import { UserInfoService } from '@backstage/backend-plugin-api';
import { judge } from './policy';

/** Carries the verdicts of `judge` over to the permission framework. */
class PlatformPolicy implements PermissionPolicy {
  constructor(private readonly users: UserInfoService) {}

  async handle({ permission }: PolicyQuery, user?: PolicyQueryUser): Promise<PolicyDecision> {
    if (!user) return { result: AuthorizeResult.DENY };
    const { userEntityRef, ownershipEntityRefs } = await this.users.getUserInfo(user.credentials);
    const verdict = judge(permission, ownershipEntityRefs);
    if (verdict === 'own' && isPermission(permission, taskCancelPermission)) {
      return createScaffolderTaskConditionalDecision(
        permission,
        scaffolderTaskConditions.isTaskOwner({ createdBy: [userEntityRef] }),
      );
    }
    // Whose an entity is, the plugin that knows the entity asks itself: see identity/authority.ts.
    return { result: verdict === 'deny' ? AuthorizeResult.DENY : AuthorizeResult.ALLOW };
  }
}

export default createBackendModule({
  pluginId: 'permission',
  moduleId: 'platform-policy',
  register({ registerInit }) {
    registerInit({
      deps: { policy: policyExtensionPoint, users: coreServices.userInfo },
      async init({ policy, users }) {
        policy.setPolicy(new PlatformPolicy(users));
      },
    });
  },
});

import { BackstageCredentials, UserInfoService } from '@backstage/backend-plugin-api';
import { Entity, RELATION_OWNED_BY } from '@backstage/catalog-model';
import { PLATFORM_TEAM } from '../permission/policy';

/** Whether a user may change an entity: a member of its owner, or of the platform team. */
export function mayActForWith(users: UserInfoService) {
  return async function mayActFor(credentials: BackstageCredentials, entity: Entity): Promise<boolean> {
    const { ownershipEntityRefs } = await users.getUserInfo(credentials);
    const owners = (entity.relations ?? [])
      .filter(({ type }) => type === RELATION_OWNED_BY)
      .map(({ targetRef }) => targetRef);
    return [PLATFORM_TEAM, ...owners].some(ref => ownershipEntityRefs.includes(ref));
  };
}

import { BackstageCredentials, UserInfoService } from '@backstage/backend-plugin-api';
import { Entity, isUserEntity } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';

/** Whoever asks, with what they may do about the model in question. */
export type Actor = {
  ref: string;
  name: string;
  email: string;
  /** Member of the approvers or of the platform team. */
  approver: boolean;
  /** Speaks for the owner of the model. */
  owner: boolean;
};

/** Why somebody may not approve a version by these authors; nothing where they may. Pure. */
export function mayNotApprove(actor: Actor, authors: string[]): string[] {
  return [
    ...(actor.approver ? [] : ['only members of the group model-approvers and of the platform team approve models']),
    ...(authors.includes(actor.ref) || (actor.email && authors.includes(actor.email.toLowerCase()))
      ? ['you made or started this version: somebody else has to approve it']
      : []),
  ];
}

/** Whether somebody may put an approved version into production. Pure. */
export const mayPromote = ({ approver, owner }: Actor) => approver || owner;

/** The signed-in user as the catalogue knows them; commits need a name and an address. */
export async function whoIs(
  credentials: BackstageCredentials,
  users: UserInfoService,
  catalog: CatalogService,
): Promise<Omit<Actor, 'approver' | 'owner'>> {
  const { userEntityRef: ref } = await users.getUserInfo(credentials);
  const user = await catalog.getEntityByRef(ref, { credentials });
  const profile = user && isUserEntity(user) ? user.spec.profile : undefined;
  const login = ref.split('/').pop()!;
  return { ref, name: profile?.displayName ?? login, email: profile?.email ?? '' };
}

/** The catalogue's entity of a registered model; undefined where nobody answers for it. */
export async function modelEntity(
  name: string,
  catalog: CatalogService,
  credentials: BackstageCredentials,
): Promise<Entity | undefined> {
  const filter = { kind: 'Resource', 'spec.type': 'ai-model', 'metadata.annotations.idp.dev/mlflow-model': name };
  const { items } = await catalog.getEntities({ filter, limit: 1 }, { credentials });
  return items[0];
}

/** `OWNER/NAME` of the repository that an entity was read from. */
export function repositoryOf(entity: Entity | undefined): string | undefined {
  const location = entity?.metadata.annotations?.['backstage.io/managed-by-location'] ?? '';
  return /^url:https?:\/\/[^/]+\/([\w.-]+\/[\w.-]+)\/src\//.exec(location)?.[1];
}

import {
  AuthService,
  BackstageCredentials,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult, BasicPermission } from '@backstage/plugin-permission-common';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { mayActForWith } from './ownership';

type Dependencies = {
  auth: AuthService;
  catalog: Pick<CatalogService, 'getEntities'>;
  permissions: PermissionsService;
  users: UserInfoService;
};

/** Whether a user may change what stands behind entities: by permission, and as one of their owners. */
export class Authority {
  private readonly mayActFor: (credentials: BackstageCredentials, entity: Entity) => Promise<boolean>;

  constructor(private readonly from: Dependencies) {
    this.mayActFor = mayActForWith(from.users);
  }

  /**
   * Why the user may not; undefined if the user may. Entities name what they stand for in annotations,
   * and anybody can write an annotation: of several entities, the user must answer for every one.
   */
  async refusal(
    credentials: BackstageCredentials,
    permission: BasicPermission,
    annotations: Record<string, string>,
  ): Promise<string | undefined> {
    const [{ result }] = await this.from.permissions.authorize([{ permission }], { credentials });
    if (result !== AuthorizeResult.ALLOW) return 'Your groups may not do this';
    const entities = await this.entities(annotations);
    if (entities.length === 0) return 'Nothing in the catalogue stands for it, so nobody answers for it';
    const verdicts = await Promise.all(entities.map(entity => this.mayActFor(credentials, entity)));
    const foreign = entities[verdicts.indexOf(false)];
    return foreign && `Only ${ownerOf(foreign)} and the platform team may do this`;
  }

  async require(...question: Parameters<Authority['refusal']>): Promise<void> {
    const reason = await this.refusal(...question);
    if (reason) throw new NotAllowedError(reason);
  }

  private async entities(annotations: Record<string, string>): Promise<Entity[]> {
    const filter = Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [`metadata.annotations.${name}`, value]),
    );
    const credentials = await this.from.auth.getOwnServiceCredentials();
    return (await this.from.catalog.getEntities({ filter }, { credentials })).items;
  }
}

/** The owner as people say it: `group:default/ml-team` is `ml-team`. */
function ownerOf({ spec, metadata }: Entity): string {
  const owner = spec?.owner;
  return typeof owner === 'string' ? owner.replace(/^.*[:/]/, '') : `the owner of ${metadata.name}`;
}

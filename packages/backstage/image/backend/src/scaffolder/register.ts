import { setTimeout as sleep } from 'node:timers/promises';
import { AuthService, DiscoveryService, LoggerService } from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { ResponseError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { GiteaClient } from '../adapters/gitea';

export type RegisterDependencies = {
  auth: AuthService;
  catalog: CatalogService;
  discovery: DiscoveryService;
  gitea: GiteaClient;
  /** Address of the portal's pages. */
  portalUrl: string;
  /** Scheduled tasks of the catalogue that look through Gitea. */
  discoveryTasks: string[];
};

/**
 * `idp:register`: has the catalogue look through Gitea now and waits for the entity.
 *
 * Unlike `catalog:register` it needs no right to register arbitrary locations, and leaves no
 * location behind that outlives the repository: discovery forgets what is gone.
 */
export function createRegisterAction({ auth, catalog, discovery, gitea, portalUrl, discoveryTasks }: RegisterDependencies) {
  return createTemplateAction({
    id: 'idp:register',
    description: "Has the catalogue discover the organisation's repositories now, and waits for an entity.",
    schema: {
      input: {
        entityRef: z => z.string({ description: 'The entity to wait for, for instance component:default/my-model' }),
        repository: z =>
          z.string({ description: "OWNER/NAME in Gitea; its page then leads to the entity's in the portal" }).optional(),
        timeoutSeconds: z => z.number({ description: 'How long to wait; default: 60' }).optional(),
      },
      output: { entityRef: z => z.string({ description: 'The entity that is now in the catalogue' }) },
    },
    async handler(ctx) {
      const { entityRef, repository, timeoutSeconds = 60 } = ctx.input;
      const credentials = await ctx.getInitiatorCredentials();
      await Promise.all(discoveryTasks.map(lookNow));
      const end = Date.now() + timeoutSeconds * 1000;
      while (!(await catalog.getEntityByRef(entityRef, { credentials }))) {
        if (Date.now() > end || ctx.signal?.aborted) {
          throw new Error(
            `${entityRef} did not appear in the catalogue in ${timeoutSeconds} s: ` +
              'is there a catalog-info.yaml at the root of the repository, and is it valid?',
          );
        }
        await sleep(1000);
      }
      ctx.logger.info(`${entityRef} is in the catalogue`);
      if (repository) await linkToPortal(gitea, repository, entityPage(portalUrl, entityRef), ctx.logger);
      ctx.output('entityRef', entityRef);
    },
  });

  async function lookNow(task: string) {
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'catalog',
    });
    const base = await discovery.getBaseUrl('catalog');
    const response = await fetch(`${base}/.backstage/scheduler/v1/tasks/${encodeURIComponent(task)}/trigger`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });
    // A conflict means that the task is at it already.
    if (!response.ok && response.status !== 409) throw await ResponseError.fromResponse(response);
  }
}

/** The page of an entity in the portal. */
export function entityPage(portalUrl: string, entityRef: string): string {
  const { kind, namespace, name } = parseEntityRef(entityRef, { defaultNamespace: 'default' });
  return `${portalUrl}/catalog/${namespace}/${kind}/${name}`.toLowerCase();
}

/** Git holds no address of the portal, so its repository's page in Gitea does; a convenience that may fail. */
export async function linkToPortal(gitea: GiteaClient, repository: string, page: string, logger: LoggerService) {
  try {
    await gitea.setWebsite(repository, page);
  } catch (error) {
    logger.warn(`The page of ${repository} in Gitea does not lead to the portal: ${error}`);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { AuthService, DiscoveryService } from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';

export type RegisterDependencies = {
  auth: AuthService;
  catalog: CatalogService;
  discovery: DiscoveryService;
  /** Scheduled tasks of the catalogue that look through Gitea. */
  discoveryTasks: string[];
};

/**
 * `idp:register`: has the catalogue look through Gitea now and waits for the entity.
 *
 * Unlike `catalog:register` it needs no right to register arbitrary locations, and leaves no
 * location behind that outlives the repository: discovery forgets what is gone.
 */
export function createRegisterAction({ auth, catalog, discovery, discoveryTasks }: RegisterDependencies) {
  return createTemplateAction({
    id: 'idp:register',
    description: "Has the catalogue discover the organisation's repositories now, and waits for an entity.",
    schema: {
      input: {
        entityRef: z => z.string({ description: 'The entity to wait for, for instance component:default/my-model' }),
        timeoutSeconds: z => z.number({ description: 'How long to wait; default: 60' }).optional(),
      },
      output: { entityRef: z => z.string({ description: 'The entity that is now in the catalogue' }) },
    },
    async handler(ctx) {
      const { entityRef, timeoutSeconds = 60 } = ctx.input;
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

import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { GiteaClient } from '../adapters/gitea';
import { requireFree, requireUsableName } from './names';
import { PortalSettings } from './settings';

/** `idp:check-name`: fails early, before a golden path leaves anything behind. */
export function createCheckNameAction(gitea: GiteaClient, catalog: CatalogService, settings: PortalSettings) {
  return createTemplateAction({
    id: 'idp:check-name',
    description: 'Checks that a name is well-formed and free in Gitea, the catalogue and the deployments.',
    supportsDryRun: true,
    schema: {
      input: {
        name: z => z.string({ description: 'Name of the repository, its component and its application' }),
        owner: z => z.string({ description: 'Organisation in Gitea' }),
        entityRefs: z =>
          z
            .array(z.string(), { description: 'Entities that must not exist; default: component:default/NAME' })
            .optional(),
      },
    },
    async handler(ctx) {
      const { name, owner, entityRefs = [`component:default/${name}`] } = ctx.input;
      requireUsableName(name);
      const credentials = await ctx.getInitiatorCredentials();
      const takenBy = [];
      if (await gitea.hasRepository(`${owner}/${name}`)) {
        takenBy.push(`the repository ${gitea.baseUrl}/${owner}/${name}`);
      }
      if (await gitea.hasFile(settings.deployments, `${name}.yaml`)) {
        takenBy.push(`the application ${name}.yaml in ${gitea.baseUrl}/${settings.deployments}`);
      }
      for (const ref of entityRefs) {
        if (await catalog.getEntityByRef(ref, { credentials })) takenBy.push(`the catalogue entry ${ref}`);
      }
      requireFree(name, takenBy);
      ctx.logger.info(`The name "${name}" is free`);
    },
  });
}

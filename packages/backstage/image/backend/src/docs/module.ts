import {
  coreServices,
  createBackendModule,
  LoggerService,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
} from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';

/**
 * Builds the documentation of every entity in the background, one after the other.
 *
 * TechDocs builds a page when somebody opens it, so search would know only what was already read.
 * What is up to date is left alone, so that a round without changes costs one question per entity.
 */
export default createBackendModule({
  pluginId: 'techdocs',
  moduleId: 'build-ahead',
  register({ registerInit }) {
    registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, catalog, config, discovery, logger, scheduler }) {
        const schedule = readSchedulerServiceTaskScheduleDefinitionFromConfig(
          config.getConfig('portal.docs.schedule'),
        );

        const build = async (entity: Entity) => {
          const { token } = await auth.getPluginRequestToken({
            onBehalfOf: await auth.getOwnServiceCredentials(),
            targetPluginId: 'techdocs',
          });
          const response = await fetch(`${await discovery.getBaseUrl('techdocs')}/sync/${syncPath(entity)}`, {
            // TechDocs hangs a listener on the connection for each build: one connection each, then.
            headers: { Authorization: `Bearer ${token}`, Connection: 'close' },
          });
          // The answer is a stream of events that ends when the build does.
          report(stringifyEntityRef(entity), await response.text(), logger);
        };

        await scheduler.scheduleTask({
          ...schedule,
          id: 'build-docs-ahead',
          // The built pages lie in this process's own folder.
          scope: 'local',
          fn: async () => {
            const { items } = await catalog.getEntities(
              { filter: { 'metadata.annotations.backstage.io/techdocs-ref': CATALOG_FILTER_EXISTS } },
              { credentials: await auth.getOwnServiceCredentials() },
            );
            for (const entity of items) await build(entity);
          },
        });
      },
    });
  },
});

export function syncPath({ kind, metadata: { namespace = 'default', name } }: Entity): string {
  return [namespace, kind.toLowerCase(), name].map(encodeURIComponent).join('/');
}

/** Says what came of a build, from the events that TechDocs sent about it. */
export function report(ref: string, events: string, logger: LoggerService): void {
  if (/^event: error$/m.test(events)) {
    const reason = events.split('event: error\ndata: ')[1]?.split('\n')[0];
    logger.warn(`The documentation of ${ref} could not be built: ${reason}`);
  } else if (/^data: \{"updated":true\}$/m.test(events)) {
    logger.info(`Built the documentation of ${ref}`);
  }
}

import { Readable } from 'node:stream';
import {
  coreServices,
  createBackendModule,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
} from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { searchIndexRegistryExtensionPoint } from '@backstage/plugin-search-backend-node/alpha';
import { MlflowClient } from '../adapters/mlflow';
import { EXPERIMENT_ANNOTATION, experimentDocument, MlDocument, MODEL_ANNOTATION, modelDocument } from './documents';

/** Search finds models and experiments; on a platform without MLflow there is nothing to find. */
export default createBackendModule({
  pluginId: 'search',
  moduleId: 'ml-collator',
  register({ registerInit }) {
    registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        index: searchIndexRegistryExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, catalog, config, index, scheduler }) {
        const mlflow = MlflowClient.fromConfig(config);
        if (!mlflow) return;
        const schedule = scheduler.createScheduledTaskRunner(
          readSchedulerServiceTaskScheduleDefinitionFromConfig(config.getConfig('search.collators.ml.schedule')),
        );
        const entitiesWith = async (annotation: string): Promise<Entity[]> => {
          const { items } = await catalog.getEntities(
            {
              filter: { [`metadata.annotations.${annotation}`]: CATALOG_FILTER_EXISTS },
              fields: [
                'kind',
                'metadata.name',
                'metadata.namespace',
                'metadata.description',
                `metadata.annotations.${annotation}`,
              ],
            },
            { credentials: await auth.getOwnServiceCredentials() },
          );
          return items;
        };
        const add = (type: string, documents: () => Promise<MlDocument[]>) =>
          index.addCollator({ schedule, factory: { type, getCollator: async () => Readable.from(await documents()) } });

        add('model', async () => {
          const [models, entities] = await Promise.all([mlflow.models(), entitiesWith(MODEL_ANNOTATION)]);
          return models.map(model => modelDocument(model, entities, mlflow.url));
        });
        add('experiment', async () => {
          const [experiments, entities] = await Promise.all([mlflow.experiments(), entitiesWith(EXPERIMENT_ANNOTATION)]);
          return experiments.map(experiment => experimentDocument(experiment, entities, mlflow.url));
        });
      },
    });
  },
});

import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { withAddresses } from './addresses';

/** Fills in the platform's addresses once `$text` and the like are read, so in descriptions of APIs, too. */
export default createBackendModule({
  pluginId: 'catalog',
  moduleId: 'idp-addresses',
  register({ registerInit }) {
    registerInit({
      deps: { catalog: catalogProcessingExtensionPoint, config: coreServices.rootConfig },
      async init({ catalog, config }) {
        const pattern = config.getString('portal.address');
        catalog.addProcessor({
          getProcessorName: () => 'idp-addresses',
          postProcessEntity: async entity => withAddresses(entity, pattern),
        });
      },
    });
  },
});

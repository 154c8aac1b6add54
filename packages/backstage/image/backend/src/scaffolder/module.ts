import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { GiteaClient } from '../adapters/gitea';
import { InCluster } from '../adapters/kubernetes';
import { createCheckNameAction } from './checkName';
import { createDeployAction } from './deploy';
import { createRegisterAction } from './register';
import { readSettings } from './settings';

/** The platform's own steps for golden paths: `idp:check-name`, `idp:deploy`, `idp:register`. */
export default createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'idp-actions',
  register({ registerInit }) {
    registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
      },
      async init({ actions, auth, catalog, config, discovery }) {
        const gitea = GiteaClient.fromConfig(config);
        const settings = readSettings(config);
        const portalUrl = config.getString('app.baseUrl');
        const providers = config.getOptionalConfig('catalog.providers.gitea')?.keys() ?? [];
        const discoveryTasks = providers.map(id => `gitea-provider:${id}:refresh`);
        actions.addActions(
          createCheckNameAction(gitea, catalog, settings),
          createDeployAction(gitea, new InCluster(), settings),
          createRegisterAction({ auth, catalog, discovery, gitea, portalUrl, discoveryTasks }),
        );
      },
    });
  },
});

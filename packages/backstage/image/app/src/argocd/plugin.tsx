import {
  ApiBlueprint,
  createApiRef,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { ArgocdApi, ArgocdClient } from './api';

/** Names the Argo CD Application that delivers an entity. */
export const APPLICATION_ANNOTATION = 'argocd/app-name';

export const argocdApiRef = createApiRef<ArgocdApi>({ id: 'plugin.argocd.service' });

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: argocdApiRef,
      deps: { discovery: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discovery, fetchApi }) => new ArgocdClient(discovery, fetchApi),
    }),
});

const deploymentCard = EntityCardBlueprint.make({
  name: 'deployment',
  params: {
    filter: entity => Boolean(entity.metadata.annotations?.[APPLICATION_ANNOTATION]),
    loader: () => import('./DeploymentCard').then(module => <module.DeploymentCard />),
  },
});

/** What Argo CD says about an entity, on the entity's own page. */
export const argocdPlugin = createFrontendPlugin({
  pluginId: 'argocd',
  title: 'Argo CD',
  extensions: [api, deploymentCard],
});

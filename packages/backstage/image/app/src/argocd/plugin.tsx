import {
  ApiBlueprint,
  createApiRef,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint, EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { Backend } from '../http/backend';
import { ArgocdApi, ArgocdClient } from './api';

/** Names the Argo CD Application that delivers an entity. */
export const APPLICATION_ANNOTATION = 'argocd/app-name';

export const argocdApiRef = createApiRef<ArgocdApi>({ id: 'plugin.argocd.service' });

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: argocdApiRef,
      deps: { discovery: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discovery, fetchApi }) => new ArgocdClient(new Backend('argocd', discovery, fetchApi)),
    }),
});

const deploymentCard = EntityCardBlueprint.make({
  name: 'deployment',
  params: {
    filter: entity => Boolean(entity.metadata.annotations?.[APPLICATION_ANNOTATION]),
    loader: () => import('./DeploymentCard').then(module => <module.DeploymentCard />),
  },
});

const deploymentTab = EntityContentBlueprint.make({
  name: 'deployment',
  params: {
    path: '/deployment',
    title: 'Deployment',
    filter: entity => Boolean(entity.metadata.annotations?.[APPLICATION_ANNOTATION]),
    loader: () => import('./DeploymentTab').then(module => <module.DeploymentTab />),
  },
});

/** What Argo CD says about an entity, on the entity's own page. */
export const argocdPlugin = createFrontendPlugin({
  pluginId: 'argocd',
  title: 'Argo CD',
  extensions: [api, deploymentCard, deploymentTab],
});

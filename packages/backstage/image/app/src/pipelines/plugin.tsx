import {
  ApiBlueprint,
  createApiRef,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { Backend } from '../http/backend';
import { PipelinesApi, PipelinesClient } from './api';
import { pipelineOf } from './words';

export const pipelinesApiRef = createApiRef<PipelinesApi>({ id: 'plugin.pipelines.service' });

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: pipelinesApiRef,
      deps: { discovery: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discovery, fetchApi }) => new PipelinesClient(new Backend('pipelines', discovery, fetchApi)),
    }),
});

const tab = EntityContentBlueprint.make({
  name: 'pipeline',
  params: {
    path: '/pipeline',
    title: 'Pipeline',
    filter: entity => Boolean(pipelineOf(entity)),
    loader: () => import('./PipelineTab').then(module => <module.PipelineTab />),
  },
});

/** Runs of an entity's pipeline, on its own page. */
export const pipelinesPlugin = createFrontendPlugin({
  pluginId: 'pipelines',
  title: 'Pipelines',
  extensions: [api, tab],
});

import {
  ApiBlueprint,
  createApiRef,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint, EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { SearchFilterResultTypeBlueprint } from '@backstage/plugin-search-react/alpha';
import ModelIcon from '@material-ui/icons/DeviceHub';
import ExperimentIcon from '@material-ui/icons/ShowChart';
import { MlApi, MlClient } from './api';
import { EXPERIMENT_ANNOTATION, MODEL_ANNOTATION } from './model';

export const mlApiRef = createApiRef<MlApi>({ id: 'plugin.ml.service' });

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: mlApiRef,
      deps: { discovery: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discovery, fetchApi }) => new MlClient(discovery, fetchApi),
    }),
});

const experiments = EntityContentBlueprint.make({
  name: 'experiments',
  params: {
    path: '/experiments',
    title: 'Experiments',
    filter: entity => Boolean(entity.metadata.annotations?.[EXPERIMENT_ANNOTATION]),
    loader: () => import('./ExperimentsTab').then(module => <module.ExperimentsTab />),
  },
});

const model = EntityContentBlueprint.make({
  name: 'model',
  params: {
    path: '/model',
    title: 'Model',
    filter: entity => Boolean(entity.metadata.annotations?.[MODEL_ANNOTATION]),
    loader: () => import('./ModelTab').then(module => <module.ModelTab />),
  },
});

const modelCard = EntityCardBlueprint.make({
  name: 'model',
  params: {
    filter: entity => Boolean(entity.metadata.annotations?.[MODEL_ANNOTATION]),
    loader: () => import('./ModelCard').then(module => <module.ModelCard />),
  },
});

const modelResults = SearchFilterResultTypeBlueprint.make({
  name: 'model',
  params: { value: 'model', name: 'Models', icon: <ModelIcon /> },
});

const experimentResults = SearchFilterResultTypeBlueprint.make({
  name: 'experiment',
  params: { value: 'experiment', name: 'Experiments', icon: <ExperimentIcon /> },
});

/** Experiments and models of an entity, on its own page, and both among what search finds. */
export const mlPlugin = createFrontendPlugin({
  pluginId: 'ml',
  title: 'Machine learning',
  extensions: [api, experiments, model, modelCard, modelResults, experimentResults],
});

import {
  ApiBlueprint,
  createApiRef,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint, EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { ScorecardApi, ScorecardClient } from './api';
import { KINDS } from './model';

export const scorecardApiRef = createApiRef<ScorecardApi>({ id: 'plugin.scorecard.service' });

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: scorecardApiRef,
      deps: { discovery: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discovery, fetchApi }) => new ScorecardClient(discovery, fetchApi),
    }),
});

const tab = EntityContentBlueprint.make({
  name: 'scorecard',
  params: {
    path: '/scorecard',
    title: 'Scorecard',
    filter: { kind: { $in: KINDS } },
    loader: () => import('./ScorecardTab').then(module => <module.ScorecardTab />),
  },
});

const card = EntityCardBlueprint.make({
  name: 'scorecard',
  params: {
    filter: { kind: { $in: KINDS } },
    loader: () => import('./ScorecardCard').then(module => <module.ScorecardCard />),
  },
});

/** What an entry in the catalogue has and lacks, with reasons. */
export const scorecardPlugin = createFrontendPlugin({
  pluginId: 'scorecard',
  title: 'Scorecard',
  extensions: [api, tab, card],
});

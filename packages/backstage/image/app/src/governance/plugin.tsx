import {
  ApiBlueprint,
  createFrontendPlugin,
  createRouteRef,
  discoveryApiRef,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import VerifiedIcon from '@material-ui/icons/VerifiedUser';
import { GovernanceClient } from './api';
import { governanceApiRef } from './ref';

const rootRouteRef = createRouteRef();

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: governanceApiRef,
      deps: { discovery: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discovery, fetchApi }) => new GovernanceClient(discovery, fetchApi),
    }),
});

const page = PageBlueprint.make({
  params: {
    path: '/audit',
    title: 'Audit',
    icon: <VerifiedIcon fontSize="inherit" />,
    routeRef: rootRouteRef,
    noHeader: true,
    loader: () => import('./AuditPage').then(module => <module.AuditPage />),
  },
});

/** Who approved which model on what evidence; the panel for one version is shown in the Model tab. */
export const governancePlugin = createFrontendPlugin({
  pluginId: 'governance',
  title: 'Audit',
  icon: <VerifiedIcon fontSize="inherit" />,
  routes: { root: rootRouteRef },
  extensions: [api, page],
});

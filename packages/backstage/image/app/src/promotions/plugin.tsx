import {
  ApiBlueprint,
  createFrontendPlugin,
  createRouteRef,
  discoveryApiRef,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import PublishIcon from '@material-ui/icons/Publish';
import { Backend } from '../http/backend';
import { PromotionsClient } from './api';
import { promotionsApiRef } from './ref';

const rootRouteRef = createRouteRef();

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: promotionsApiRef,
      deps: { discovery: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discovery, fetchApi }) => new PromotionsClient(new Backend('promotions', discovery, fetchApi)),
    }),
});

const page = PageBlueprint.make({
  params: {
    path: '/promotions',
    title: 'Promotions',
    icon: <PublishIcon fontSize="inherit" />,
    routeRef: rootRouteRef,
    noHeader: true,
    loader: () => import('./PromotionsPage').then(module => <module.PromotionsPage />),
  },
});

/** What came to this platform from another one. */
export const promotionsPlugin = createFrontendPlugin({
  pluginId: 'promotions',
  title: 'Promotions',
  icon: <PublishIcon fontSize="inherit" />,
  routes: { root: rootRouteRef },
  extensions: [api, page],
});

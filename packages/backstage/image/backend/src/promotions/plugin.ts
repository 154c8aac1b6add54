import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import type { Router as ExpressRouter } from 'express';
import Router from 'express-promise-router';
import { GiteaTrees } from '../adapters/trees';
import { Promotions } from './promotions';

/** What was promoted to this platform, from where and by whom: `GET /api/promotions/records?before=ID`. */
export default createBackendPlugin({
  pluginId: 'promotions',
  register({ registerInit }) {
    registerInit({
      deps: { config: coreServices.rootConfig, http: coreServices.httpRouter },
      async init({ config, http }) {
        const trees = GiteaTrees.fromConfig(config);
        const repository = config.getString('portal.promotions.repository');
        http.use(routes(new Promotions(trees, { git: trees.baseUrl, repository })));
      },
    });
  },
});

export function routes(promotions: Promotions): ExpressRouter {
  const router = Router();
  // The framework asks every request to come from a signed-in user or another plugin; any of them may read.
  router.get('/records', async ({ query }, response) => {
    response.json(await promotions.page(typeof query.before === 'string' ? query.before : undefined));
  });
  return router;
}

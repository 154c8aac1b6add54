import { BackstageCredentials, coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import Router from 'express-promise-router';
import { GiteaTrees } from '../adapters/trees';
import { Memory } from '../http/memory';
import { scorecardOf } from './checks';
import { gather } from './facts';

/** What an entity has and lacks: `GET /api/scorecard/entities/KIND/NAMESPACE/NAME`. */
export default createBackendPlugin({
  pluginId: 'scorecard',
  register({ registerInit }) {
    registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        http: coreServices.httpRouter,
        httpAuth: coreServices.httpAuth,
      },
      async init({ auth, catalog, config, discovery, http, httpAuth }) {
        const trees = GiteaTrees.fromConfig(config);
        const memory = new Memory(15, 300);

        /** Asks the portal's own governance, in the name of whoever asks. */
        async function versions(model: string, onBehalfOf: BackstageCredentials) {
          const { token } = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'governance' });
          const response = await fetch(
            `${await discovery.getBaseUrl('governance')}/models/${encodeURIComponent(model)}`,
            { headers: { Authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5_000) },
          ).catch(error => {
            throw new Error(`Governance does not answer: ${error.message}`);
          });
          const body: any = await response.json().catch(() => ({}));
          if (response.ok) return body.versions ?? null;
          // Without a message of its own, it is not the model that is missing but the answer.
          if (response.status === 404 && body.error?.name === 'NotFoundError') return null;
          throw new Error(`Governance does not answer: ${body.error?.message ?? `status ${response.status}`}`);
        }

        const router = Router();
        router.get('/entities/:kind/:namespace/:name', async (request, response) => {
          const credentials = await httpAuth.credentials(request);
          const ref = stringifyEntityRef(request.params);
          const entity = await catalog.getEntityByRef(ref, { credentials });
          if (!entity) throw new NotFoundError(`${ref} is not in the catalogue`);
          const facts = () =>
            gather(entity, {
              gitea: trees.baseUrl,
              trees,
              entities: async refs => (await catalog.getEntitiesByRefs({ entityRefs: refs }, { credentials })).items,
              versions: model => versions(model, credentials),
            });
          // Every user may read everything, so that one answer does for all.
          response.json(await memory.recall(ref, async () => scorecardOf(await facts())));
        });
        http.use(router);
      },
    });
  },
});

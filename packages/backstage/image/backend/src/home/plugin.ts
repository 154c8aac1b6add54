import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import Router from 'express-promise-router';
import { GiteaClient } from '../adapters/gitea';
import { Memory } from '../http/memory';
import { named, recentDocs } from './recent';

/** What the home page needs and no other part knows: `GET /api/home/docs?repositories=OWNER/NAME,…`. */
export default createBackendPlugin({
  pluginId: 'home',
  register({ registerInit }) {
    registerInit({
      deps: { config: coreServices.rootConfig, http: coreServices.httpRouter },
      async init({ config, http }) {
        const gitea = GiteaClient.fromConfig(config);
        const memory = new Memory(15, 50);
        const router = Router();
        // The framework asks every request to come from a signed-in user or another plugin.
        router.get('/docs', async (request, response) => {
          const repositories = named(request.query.repositories);
          const docs = await memory.recall(repositories.join(), () => recentDocs(gitea, repositories)).catch(error => {
            if (error instanceof InputError) throw error;
            throw new ServiceUnavailableError(`Gitea does not answer: ${error.message}`);
          });
          response.json({ docs });
        });
        http.use(router);
      },
    });
  },
});

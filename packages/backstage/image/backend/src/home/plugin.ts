import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import Router from 'express-promise-router';
import { GiteaClient } from '../adapters/gitea';
import { Change, named, recentDocs } from './recent';

const REMEMBERED_MS = 15_000;
const MOST_REMEMBERED = 50;

/** What the home page needs and no other part knows: `GET /api/home/docs?repositories=OWNER/NAME,…`. */
export default createBackendPlugin({
  pluginId: 'home',
  register({ registerInit }) {
    registerInit({
      deps: { config: coreServices.rootConfig, http: coreServices.httpRouter },
      async init({ config, http }) {
        const gitea = GiteaClient.fromConfig(config);
        const remembered = new Map<string, { until: number; docs: Promise<Change[]> }>();
        const ask = (repositories: string[]) => {
          const key = repositories.join();
          const known = remembered.get(key);
          if (known && known.until > Date.now()) return known.docs;
          if (remembered.size >= MOST_REMEMBERED) remembered.clear();
          const docs = recentDocs(gitea, repositories);
          remembered.set(key, { until: Date.now() + REMEMBERED_MS, docs });
          docs.catch(() => remembered.delete(key));
          return docs;
        };
        const router = Router();
        // The framework asks every request to come from a signed-in user or another plugin.
        router.get('/docs', async (request, response) => {
          const repositories = named(request.query.repositories);
          const docs = await ask(repositories).catch(error => {
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

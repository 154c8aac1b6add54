import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import Router from 'express-promise-router';
import { GiteaClient } from '../adapters/gitea';
import { Cluster, InCluster } from '../adapters/kubernetes';
import { ApplicationSummary, GitServer, summarize } from './application';

/** What runs is told by Argo CD's own objects: `GET /api/argocd/applications/NAME`. */
export default createBackendPlugin({
  pluginId: 'argocd',
  register({ registerInit }) {
    registerInit({
      deps: { config: coreServices.rootConfig, http: coreServices.httpRouter },
      async init({ config, http }) {
        const namespace = config.getString('portal.argocd.namespace');
        const git = {
          inCluster: config.getString('portal.giteaInCluster'),
          forPeople: GiteaClient.fromConfig(config).baseUrl,
        };
        const router = Router();
        // The framework asks every request to come from a signed-in user or another plugin.
        router.get('/applications/:name', async (request, response) => {
          response.json(await readApplication(new InCluster(), namespace, request.params.name, git));
        });
        http.use(router);
      },
    });
  },
});

/** Asks the cluster for one Application; its refusals become errors that a card can show. */
export async function readApplication(
  cluster: Cluster,
  namespace: string,
  name: string,
  git: GitServer,
): Promise<ApplicationSummary> {
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications/${encodeURIComponent(name)}`;
  const { status, body } = await cluster.get(path).catch(error => {
    throw new ServiceUnavailableError(`The cluster cannot be asked about ${name}: ${error.message}`);
  });
  if (status === 200) return summarize(body, git);
  if (status === 404) throw new NotFoundError(`Argo CD has no application named ${name}`);
  if (status === 403) throw new NotAllowedError(`The portal may not read the application ${name}`);
  throw new ServiceUnavailableError(`The cluster answered ${status}: ${body?.message}`);
}

import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import type { RequestHandler } from 'express';

/** Where the Kubernetes plugin hands requests through to the cluster's API, for instance for logs. */
const CLUSTER_API = '/api/kubernetes/proxy';

/**
 * Everybody may look at what runs, logs included, and the portal's service account answers. What it
 * may change for its own steps is therefore kept from whoever asks through the portal.
 */
export const onlyLooking: RequestHandler = ({ method }, response, next) => {
  if (method === 'GET' || method === 'HEAD') {
    next();
  } else {
    response.status(405).json({ error: { name: 'NotAllowedError', message: 'The portal shows what runs; it changes nothing' } });
  }
};

export default rootHttpRouterServiceFactory({
  configure({ app, applyDefaults }) {
    app.use(CLUSTER_API, onlyLooking);
    applyDefaults();
  },
});

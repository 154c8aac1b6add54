import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type { Router as ExpressRouter } from 'express';
import Router from 'express-promise-router';
import { MlflowClient } from '../adapters/mlflow';
import { Library } from './library';

const MOST_RUNS = 200;
const MOST_NAMES = 200;

/** Experiments and models from MLflow: `GET /api/ml/…`. It reads and changes nothing. */
export default createBackendPlugin({
  pluginId: 'ml',
  register({ registerInit }) {
    registerInit({
      deps: { config: coreServices.rootConfig, http: coreServices.httpRouter },
      async init({ config, http }) {
        const mlflow = MlflowClient.fromConfig(config);
        // The framework asks every request to come from a signed-in user or another plugin.
        http.use(mlflow ? routes(new Library(mlflow)) : absent());
      },
    });
  },
});

/** What a platform without MLflow answers to every question. */
export function absent(): ExpressRouter {
  return Router().use(() => {
    throw new NotFoundError('This platform has no MLflow, so there are no experiments and models to show');
  });
}

export function routes(library: Library): ExpressRouter {
  const router = Router();
  router.get('/experiments/:name/runs', async ({ params, query }, response) => {
    response.json(await library.runs(params.name, limitOf(query.limit), textOf(query.page)));
  });
  router.get('/models', async ({ query }, response) => {
    const names = (textOf(query.names) ?? '').split(',').filter(Boolean);
    if (names.length > MOST_NAMES) throw new InputError(`At most ${MOST_NAMES} models at a time`);
    response.json(await library.models(names));
  });
  router.get('/models/:name', async ({ params }, response) => {
    response.json(await library.model(params.name));
  });
  router.get('/models/:name/versions/:version/evidence', async ({ params }, response) => {
    response.json(await library.evidence(params.name, numberOf(params.version)));
  });
  router.get('/models/:name/versions/:version/evidence/:file', async ({ params }, response) => {
    const bytes = await library.plot(params.name, numberOf(params.version), params.file);
    response.type('png').set('Cache-Control', 'private, max-age=300').send(bytes);
  });
  return router;
}

function limitOf(given: unknown): number {
  const limit = given === undefined ? 50 : Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RUNS) {
    throw new InputError(`limit is a number from 1 to ${MOST_RUNS}`);
  }
  return limit;
}

function numberOf(version: string): string {
  if (!/^\d{1,9}$/.test(version)) throw new InputError('A version is a number');
  return version;
}

function textOf(given: unknown): string | undefined {
  return typeof given === 'string' && given ? given : undefined;
}

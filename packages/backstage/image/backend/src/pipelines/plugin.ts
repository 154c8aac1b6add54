import { coreServices, createBackendPlugin, HttpAuthService, LoggerService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { createPermission } from '@backstage/plugin-permission-common';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import type { Router as ExpressRouter } from 'express';
import Router from 'express-promise-router';
import { Controller } from '../adapters/controller';
import { InCluster } from '../adapters/kubernetes';
import { Authority } from '../identity/authority';
import { Runs } from './runs';

export const runCreatePermission = createPermission({ name: 'pipelines.run.create', attributes: { action: 'create' } });

const MOST_RUNS = 100;
const MOST_REFS = 200;

/** Runs of pipelines: `GET /api/pipelines/NAMESPACE/TEMPLATE/runs`, and a way to start one. */
export default createBackendPlugin({
  pluginId: 'pipelines',
  register({ registerInit }) {
    registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        http: coreServices.httpRouter,
        httpAuth: coreServices.httpAuth,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        registry: coreServices.permissionsRegistry,
        users: coreServices.userInfo,
      },
      async init({ http, httpAuth, logger, registry, ...from }) {
        registry.addPermissions([runCreatePermission]);
        const cluster = new InCluster();
        const controller = new Controller(
          cluster,
          '/apis/apps/v1/namespaces/workflows/deployments/workflow-controller',
          'Argo Workflows does not run: runs wait until it is back',
        );
        http.use(routes({ runs: new Runs(cluster), authority: new Authority(from), controller, httpAuth, logger }));
      },
    });
  },
});

type Parts = {
  runs: Runs;
  authority: Authority;
  controller: Controller;
  httpAuth: HttpAuthService;
  logger: LoggerService;
};

export function routes({ runs, authority, controller, httpAuth, logger }: Parts): ExpressRouter {
  const router = Router();
  // The framework asks every request to come from a signed-in user or another plugin.
  router.get('/latest', async ({ query }, response) => {
    const refs = String(query.refs ?? '').split(',').filter(Boolean);
    if (refs.length > MOST_REFS) throw new InputError(`At most ${MOST_REFS} pipelines at a time`);
    response.json({ pipelines: await runs.latest(refs) });
  });

  router.get('/:namespace/runs/:run/log', async ({ params, query }, response) => {
    response.type('text/plain').send(await runs.log(params.namespace, params.run, String(query.step ?? '')));
  });

  router.get('/:namespace/:template/runs', async (request, response) => {
    const { namespace, template } = request.params;
    const page = typeof request.query.page === 'string' ? request.query.page : undefined;
    const credentials = await httpAuth.credentials(request);
    const [found, away, mayNot] = await Promise.all([
      runs.page(namespace, template, limitOf(request.query.limit), page),
      controller.away(),
      authority.refusal(credentials, runCreatePermission, annotationsOf(namespace, template)),
    ]);
    response.json({ ...found, away, mayRun: !mayNot, mayNot });
  });

  router.post('/:namespace/:template/runs', async (request, response) => {
    const { namespace, template } = request.params;
    const credentials = await httpAuth.credentials(request, { allow: ['user'] });
    await authority.require(credentials, runCreatePermission, annotationsOf(namespace, template));
    const { userEntityRef } = credentials.principal;
    const made = await runs.start(namespace, template, userEntityRef);
    logger.info(`${userEntityRef} started ${made.name} in ${namespace}`);
    response.status(201).json(made);
  });
  return router;
}

function annotationsOf(namespace: string, template: string): Record<string, string> {
  return { 'idp.dev/workflow-template': template, 'backstage.io/kubernetes-namespace': namespace };
}

function limitOf(given: unknown): number {
  const limit = given === undefined ? 20 : Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RUNS) {
    throw new InputError(`limit is a number from 1 to ${MOST_RUNS}`);
  }
  return limit;
}

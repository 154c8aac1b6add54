import { coreServices, createBackendPlugin, HttpAuthService, LoggerService } from '@backstage/backend-plugin-api';
import { UserEntity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { createPermission } from '@backstage/plugin-permission-common';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import type { Router as ExpressRouter } from 'express';
import Router from 'express-promise-router';
import { Person } from '../adapters/gitea';
import { Controller } from '../adapters/controller';
import { InCluster } from '../adapters/kubernetes';
import { GiteaTrees } from '../adapters/trees';
import { jsonBody } from '../http/body';
import { Authority } from '../identity/authority';
import { personOf } from '../scaffolder/deploy';
import { Applications } from './applications';

const update = { action: 'update' } as const;
export const refreshPermission = createPermission({ name: 'argocd.application.refresh', attributes: update });
export const rollbackPermission = createPermission({ name: 'argocd.application.rollback', attributes: update });

const MOST_NAMES = 200;

/** What runs is told by Argo CD's own objects: `GET /api/argocd/applications/NAME`. */
export default createBackendPlugin({
  pluginId: 'argocd',
  register({ registerInit }) {
    registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        http: coreServices.httpRouter,
        httpAuth: coreServices.httpAuth,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        registry: coreServices.permissionsRegistry,
        users: coreServices.userInfo,
      },
      async init({ auth, catalog, config, http, httpAuth, logger, permissions, registry, users }) {
        registry.addPermissions([refreshPermission, rollbackPermission]);
        const trees = GiteaTrees.fromConfig(config);
        const cluster = new InCluster();
        const namespace = config.getString('portal.argocd.namespace');
        const applications = new Applications(cluster, trees, {
          namespace,
          project: config.getString('portal.argocd.project'),
          git: { inCluster: config.getString('portal.giteaInCluster'), forPeople: trees.baseUrl },
          url: config.getOptionalString('portal.offers.argocd.url'),
        });
        const controller = new Controller(
          cluster,
          `/apis/apps/v1/namespaces/${namespace}/statefulsets/argocd-application-controller`,
          'Argo CD does not run: this is what it saw last, and nothing is deployed until it is back',
        );
        const authority = new Authority({ auth, catalog, permissions, users });
        const person = async (ref: string) => {
          const credentials = await auth.getOwnServiceCredentials();
          return personOf((await catalog.getEntityByRef(ref, { credentials })) as UserEntity | undefined);
        };
        http.use(routes({ applications, authority, controller, httpAuth, logger, person }));
      },
    });
  },
});

type Parts = {
  applications: Applications;
  authority: Authority;
  controller: Controller;
  httpAuth: HttpAuthService;
  logger: LoggerService;
  person: (ref: string) => Promise<Person | undefined>;
};

export function routes({ applications, authority, controller, httpAuth, logger, person }: Parts): ExpressRouter {
  const router = Router();
  // The framework asks every request to come from a signed-in user or another plugin.
  router.get('/applications', async ({ query }, response) => {
    const names = String(query.names ?? '').split(',').filter(Boolean);
    if (names.length > MOST_NAMES) throw new InputError(`At most ${MOST_NAMES} applications at a time`);
    response.json({ applications: names.length ? await applications.named(names) : [] });
  });

  router.get('/applications/:name', async (request, response) => {
    const { name } = request.params;
    const credentials = await httpAuth.credentials(request);
    const [application, away, mayNot] = await Promise.all([
      applications.one(name),
      controller.away(),
      authority.refusal(credentials, rollbackPermission, annotationsOf(name)),
    ]);
    response.json({ ...application, away, mayChange: !mayNot, mayNot });
  });

  router.post('/applications/:name/refresh', async (request, response) => {
    const { name } = request.params;
    const credentials = await httpAuth.credentials(request, { allow: ['user'] });
    await authority.require(credentials, refreshPermission, annotationsOf(name));
    await applications.refresh(name);
    response.status(202).json({ name });
  });

  router.post('/applications/:name/rollback', async (request, response) => {
    const { name } = request.params;
    const credentials = await httpAuth.credentials(request, { allow: ['user'] });
    await authority.require(credentials, rollbackPermission, annotationsOf(name));
    const { id } = await jsonBody(request);
    if (!Number.isInteger(id)) throw new InputError('id is the number of an entry of the history');
    const { userEntityRef } = credentials.principal;
    const made = await applications.rollBack(name, id as number, userEntityRef, await person(userEntityRef));
    logger.info(`${userEntityRef} rolled ${name} back: ${made.url}`);
    response.status(201).json(made);
  });
  return router;
}

function annotationsOf(name: string): Record<string, string> {
  return { 'argocd/app-name': name };
}

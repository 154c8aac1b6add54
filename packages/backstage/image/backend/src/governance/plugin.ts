import { readFile } from 'node:fs/promises';
import { BackstageCredentials, coreServices, createBackendPlugin, HttpAuthService } from '@backstage/backend-plugin-api';
import { InputError, NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { ScmIntegrations } from '@backstage/integration';
import { AuthorizeResult, createPermission } from '@backstage/plugin-permission-common';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import Router from 'express-promise-router';
import { GiteaClient } from '../adapters/gitea';
import { InCluster } from '../adapters/kubernetes';
import { MlflowClient } from '../adapters/mlflow';
import { jsonBody } from '../http/body';
import { mayActForWith } from '../identity/ownership';
import { auditOf } from './audit';
import { Governance } from './governance';
import { overviewOf } from './overview';
import { Actor, modelEntity, whoIs } from './people';

export const approvePermission = createPermission({ name: 'governance.model.approve', attributes: { action: 'update' } });

type Asked = Parameters<HttpAuthService['credentials']>[0];

const NAME = /^[A-Za-z0-9][\w .-]{0,99}$/;

/** Approvals of models, and what they rest on: `/api/governance/models/…`. */
export default createBackendPlugin({
  pluginId: 'governance',
  register({ registerInit }) {
    registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        http: coreServices.httpRouter,
        httpAuth: coreServices.httpAuth,
        permissions: coreServices.permissions,
        registry: coreServices.permissionsRegistry,
        users: coreServices.userInfo,
      },
      async init({ auth, catalog, config, http, httpAuth, permissions, registry, users }) {
        registry.addPermissions([approvePermission]);
        const mlflow = MlflowClient.fromConfig(config);
        const [integration] = ScmIntegrations.fromConfig(config).gitea.list();
        const secretFile = config.getString('portal.governance.secretFile');
        const governance =
          mlflow &&
          new Governance({
            mlflow,
            gitea: GiteaClient.fromConfig(config),
            cluster: new InCluster(),
            repository: config.getString('portal.governance.repository'),
            robot: integration?.config.username ?? '',
            secret: async () => (await readFile(secretFile, 'utf8')).trim(),
          });
        const mayActFor = mayActForWith(users);

        /** What a request is about, by whom. */
        async function of(request: Asked) {
          if (!governance) throw new ServiceUnavailableError('This platform has no MLflow, hence no models to decide about');
          const name = request.params.name;
          if (!NAME.test(name) || name.includes('..')) throw new InputError(`${name} cannot be the name of a model`);
          const credentials: BackstageCredentials = await httpAuth.credentials(request, { allow: ['user'] });
          const [entity, person, [answer]] = await Promise.all([
            modelEntity(name, catalog, credentials),
            whoIs(credentials, users, catalog),
            permissions.authorize([{ permission: approvePermission }], { credentials }),
          ]);
          const owner = entity ? await mayActFor(credentials, entity) : false;
          const actor: Actor = { ...person, approver: answer.result === AuthorizeResult.ALLOW, owner };
          return { governance, credentials, name, version: request.params.version, entity, actor };
        }

        const router = Router();
        router.get('/models', async (request, response) => {
          if (!governance) throw new ServiceUnavailableError('This platform has no MLflow, hence no models');
          const credentials = await httpAuth.credentials(request, { allow: ['user'] });
          response.json(await overviewOf(governance, catalog, credentials));
        });
        router.get('/models/:name', async (request, response) => {
          const { governance: to, name, entity, actor } = await of(request);
          const only = request.query.version;
          response.json(await to.states(name, entity, actor, typeof only === 'string' ? only : undefined));
        });
        router.post('/models/:name/versions/:version/approval', async (request, response) => {
          const { governance: to, name, version, entity, actor } = await of(request);
          const { comment = '', decision = 'approved' } = await jsonBody(request);
          if (typeof comment !== 'string' || comment.length > 4000) throw new InputError('comment: up to 4000 characters');
          if (decision !== 'approved' && decision !== 'rejected') throw new InputError('decision: approved or rejected');
          response.status(201).json(await to.decide(name, version, entity, actor, comment, decision));
        });
        router.post('/models/:name/versions/:version/production', async (request, response) => {
          const { governance: to, name, version, entity, actor } = await of(request);
          response.json(await to.promote(name, version, entity, actor));
        });
        router.get('/models/:name/audit', async (request, response) => {
          const { governance: to, credentials, name, entity, actor } = await of(request);
          const own = await auth.getOwnServiceCredentials();
          // What depends on a model is a fact of the platform, whoever asks for the record.
          const dependants = entity
            ? (await catalog.getEntities({ filter: { 'relations.dependsOn': stringifyEntityRef(entity) } }, { credentials: own ?? credentials })).items
            : [];
          const record = await auditOf(to, name, entity, dependants, actor.ref);
          if (record.versions.length === 0 && !entity) throw new NotFoundError(`There is no model ${name}`);
          response.json(record);
        });
        http.use(router);
      },
    });
  },
});

import { readFile } from 'node:fs/promises';
import { LoggerService, resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { UserEntity } from '@backstage/catalog-model';
import { GiteaClient, Person } from '../adapters/gitea';
import { Cluster } from '../adapters/kubernetes';
import { applicationFor } from './application';
import { requireUsableName } from './names';
import { PortalSettings } from './settings';

/** `idp:deploy`: hands a service to Argo CD by committing its Application. */
export function createDeployAction(gitea: GiteaClient, cluster: Cluster, settings: PortalSettings) {
  return createTemplateAction({
    id: 'idp:deploy',
    description: 'Commits an Argo CD Application for a repository, and has Argo CD look at it at once.',
    schema: {
      input: {
        name: z => z.string({ description: 'Name of the application' }),
        repository: z =>
          z.string({ description: 'OWNER/NAME in Gitea of the repository with the manifests' }).optional(),
        path: z => z.string({ description: 'Folder of the manifests; default: deploy' }).optional(),
        branch: z => z.string({ description: 'Branch to follow; default: main' }).optional(),
        namespace: z => z.string({ description: 'Namespace to run in; default: OWNER-NAME of the repository' }).optional(),
        owner: z => z.string({ description: 'Entity that owns the service' }).optional(),
        images: z =>
          z
            .record(z.string(), z.string(), { description: 'Image as the manifests name it -> its reference by digest' })
            .optional(),
        host: z => z.string({ description: 'Host name for the HTTPRoute of this name, where there is one' }).optional(),
        manifest: z =>
          z
            .string({ description: 'File in the workspace with an Application of your own, instead of the above' })
            .optional(),
      },
      output: {
        application: z => z.string({ description: 'Name of the Argo CD Application' }),
        manifestUrl: z => z.string({ description: 'Where the Application is kept in Git' }),
      },
    },
    async handler(ctx) {
      const { name, repository, manifest } = ctx.input;
      requireUsableName(name);
      if (!repository && !manifest) throw new Error('idp:deploy needs a repository, or a manifest of your own');
      const content = manifest
        ? await readFile(resolveSafeChildPath(ctx.workspacePath, manifest), 'utf8')
        : applicationFor(
            {
              name,
              repository: repository!,
              branch: ctx.input.branch ?? 'main',
              path: ctx.input.path ?? 'deploy',
              namespace: ctx.input.namespace ?? repository!.replace('/', '-'),
              owner: ctx.input.owner,
              images: ctx.input.images,
              host: ctx.input.host,
            },
            settings,
          );
      const change = await gitea.writeFile(settings.deployments, `${name}.yaml`, content, {
        message: `Deploy ${name}`,
        author: personOf(ctx.user?.entity),
      });
      ctx.logger.info(`${name}.yaml ${change} in ${gitea.baseUrl}/${settings.deployments}`);
      await refreshDeployments(cluster, settings, ctx.logger);
      ctx.output('application', name);
      ctx.output('manifestUrl', `${gitea.baseUrl}/${settings.deployments}/src/branch/main/${name}.yaml`);
    },
  });
}

/** The commit's author is whoever filled in the form, not the portal. */
export function personOf(user?: UserEntity): Person | undefined {
  const email = user?.spec.profile?.email;
  return user && email ? { name: user.spec.profile?.displayName ?? user.metadata.name, email } : undefined;
}

/** Spares the wait for Argo CD's next look at Git; without it the deployment only comes later. */
export async function refreshDeployments(cluster: Cluster, settings: PortalSettings, logger: LoggerService) {
  const { namespace, deploymentsApplication } = settings.argocd;
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications/${deploymentsApplication}`;
  const refresh = { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } };
  const { status, body } = await cluster
    .patch(path, refresh)
    .catch(error => ({ status: 0, body: { message: error.message } }));
  if (status === 200) {
    logger.info('Argo CD was asked to look at the new application now');
  } else {
    logger.warn(`Argo CD could not be asked to look now (${body?.message}); it will within a few minutes`);
  }
}

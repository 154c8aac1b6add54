import { Config } from '@backstage/config';

/** Where the portal's own steps work; see `portal` in app-config.yaml. */
export type PortalSettings = {
  /** Repository that holds one Argo CD Application per scaffolded service. */
  deployments: string;
  /** Gitea as Argo CD reaches it. */
  giteaInCluster: string;
  argocd: { namespace: string; deploymentsApplication: string; project: string };
};

export function readSettings(config: Config): PortalSettings {
  const portal = config.getConfig('portal');
  return {
    deployments: portal.getString('deployments'),
    giteaInCluster: portal.getString('giteaInCluster'),
    argocd: {
      namespace: portal.getString('argocd.namespace'),
      deploymentsApplication: portal.getString('argocd.deploymentsApplication'),
      project: portal.getString('argocd.project'),
    },
  };
}

import { stringify } from 'yaml';
import { PortalSettings } from './settings';

export type Service = {
  name: string;
  /** `owner/name` of the repository with the manifests. */
  repository: string;
  branch: string;
  /** Folder of the manifests in it. */
  path: string;
  /** Namespace that the service runs in. */
  namespace: string;
  owner?: string;
  /** Image as the manifests name it -> the platform's reference to it, by digest. */
  images?: Record<string, string>;
  /** Where the HTTPRoute of the service's name answers on this platform. */
  host?: string;
};

/** The Argo CD Application that keeps a service as its repository says. */
export function applicationFor(service: Service, settings: PortalSettings): string {
  const document = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: service.name,
      namespace: settings.argocd.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'backstage' },
      annotations: {
        // Without it, a change inside a resource whose schema is open (a workflow) is taken for a webhook's work
        // and never applied: https://github.com/argoproj/argo-cd/issues/28818
        'argocd.argoproj.io/compare-options': 'IncludeMutationWebhook=true',
        ...(service.owner && { 'idp.dev/owner': service.owner }),
      },
      // Deleting the Application from Git removes what it deployed, too.
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
    },
    spec: {
      project: settings.argocd.project,
      source: {
        repoURL: `${settings.giteaInCluster}/${service.repository}.git`,
        targetRevision: service.branch,
        path: service.path,
        ...kustomizeFor(service),
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: service.namespace },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['CreateNamespace=true', 'ServerSideApply=true'],
      },
    },
  };
  // Unfolded, so that a promotion finds addresses and references whole.
  return stringify(document, { lineWidth: 0 });
}

/** What the platform adds to a repository that knows none: where images come from, and the host of its route. */
function kustomizeFor({ name, images = {}, host }: Service) {
  const references = Object.entries(images).map(([image, reference]) => `${image}=${reference}`);
  const hostnames = [{ op: 'add', path: '/spec/hostnames', value: [host] }];
  const patches = [
    { target: { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name }, patch: stringify(hostnames) },
  ];
  const kustomize = { ...(references.length > 0 && { images: references }), ...(host && { patches }) };
  return Object.keys(kustomize).length ? { kustomize } : {};
}

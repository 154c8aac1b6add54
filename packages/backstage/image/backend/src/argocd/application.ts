/** What the portal shows of an Argo CD Application. */
export type ApplicationSummary = {
  name: string;
  sync: string;
  health: string;
  /** What Argo CD says when something is wrong, most telling first. */
  messages: string[];
  /** Commit that is deployed, and the page that shows it. */
  revision?: string;
  revisionUrl?: string;
  deployedAt?: string;
  namespace?: string;
  images: string[];
  resources: { kind: string; name: string; sync?: string; health?: string; message?: string }[];
  /** What was deployed before, the newest first. */
  history: Deployment[];
  /** The application in Argo CD itself. */
  url?: string;
};

export type Deployment = { id: number; revision: string; deployedAt: string; url?: string };

/** What a list of applications says of each. */
export type ApplicationLine = Pick<ApplicationSummary, 'name' | 'sync' | 'health' | 'deployedAt'>;

/** The same Git server, as Argo CD reaches it and as people do. */
export type GitServer = { inCluster: string; forPeople: string };

/** Reduces an Application, as the API server returns it, to its summary. */
export function summarize(application: any, git: GitServer, argocd?: string): ApplicationSummary {
  const { metadata, spec = {}, status = {} } = application;
  return {
    ...lineOf(application),
    messages: [
      status.health?.message,
      ...(status.conditions ?? []).map((condition: any) => condition.message),
      status.operationState?.phase === 'Succeeded' ? undefined : status.operationState?.message,
    ].filter(Boolean),
    revision: status.sync?.revision,
    revisionUrl: commitPage(spec.source?.repoURL, status.sync?.revision, git),
    namespace: spec.destination?.namespace,
    images: status.summary?.images ?? [],
    resources: (status.resources ?? []).map((resource: any) => ({
      kind: resource.kind,
      name: resource.name,
      sync: resource.status,
      health: resource.health?.status,
      message: resource.health?.message || undefined,
    })),
    history: (status.history ?? [])
      .map((entry: any) => ({
        id: entry.id,
        revision: entry.revision,
        deployedAt: entry.deployedAt,
        url: commitPage(entry.source?.repoURL ?? spec.source?.repoURL, entry.revision, git),
      }))
      .sort((one: Deployment, other: Deployment) => other.id - one.id),
    url: argocd && `${argocd}/applications/${metadata.namespace}/${metadata.name}`,
  };
}

export function lineOf({ metadata, status = {} }: any): ApplicationLine {
  return {
    name: metadata.name,
    sync: status.sync?.status ?? 'Unknown',
    health: status.health?.status ?? 'Unknown',
    deployedAt: status.operationState?.finishedAt,
  };
}

/** `owner/name` of a repository by the URL that Argo CD uses; undefined on another server. */
export function repositoryOf(url: string | undefined, git: GitServer): string | undefined {
  const path = url?.startsWith(`${git.inCluster}/`) ? url.slice(git.inCluster.length + 1).replace(/\.git$/, '') : '';
  return /^[-\w.]+\/[-\w.]+$/.test(path) ? path : undefined;
}

function commitPage(url: string | undefined, revision: string | undefined, git: GitServer) {
  const repository = repositoryOf(url, git);
  return revision && repository ? `${git.forPeople}/${repository}/commit/${revision}` : undefined;
}

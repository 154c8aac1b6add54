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
  resources: { kind: string; name: string; sync?: string; health?: string }[];
};

/** The same Git server, as Argo CD reaches it and as people do. */
export type GitServer = { inCluster: string; forPeople: string };

/** Reduces an Application, as the API server returns it, to its summary. */
export function summarize(application: any, git: GitServer): ApplicationSummary {
  const { metadata, spec = {}, status = {} } = application;
  return {
    name: metadata.name,
    sync: status.sync?.status ?? 'Unknown',
    health: status.health?.status ?? 'Unknown',
    messages: [
      status.health?.message,
      ...(status.conditions ?? []).map((condition: any) => condition.message),
      status.operationState?.phase === 'Succeeded' ? undefined : status.operationState?.message,
    ].filter(Boolean),
    revision: status.sync?.revision,
    revisionUrl: commitPage(spec.source?.repoURL, status.sync?.revision, git),
    deployedAt: status.operationState?.finishedAt,
    namespace: spec.destination?.namespace,
    images: status.summary?.images ?? [],
    resources: (status.resources ?? []).map((resource: any) => ({
      kind: resource.kind,
      name: resource.name,
      sync: resource.status,
      health: resource.health?.status,
    })),
  };
}

function commitPage(repository: string | undefined, revision: string | undefined, git: GitServer) {
  if (!revision || !repository?.startsWith(`${git.inCluster}/`)) return undefined;
  const path = repository.slice(git.inCluster.length).replace(/\.git$/, '');
  return `${git.forPeople}${path}/commit/${revision}`;
}

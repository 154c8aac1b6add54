/** What the portal shows of an Argo CD Application. */
export type ApplicationSummary = {
  name: string;
  sync: string;
  health: string;
  /** What Argo CD says when something is wrong, most telling first. */
  messages: string[];
  /** Commit that is deployed, and where it comes from. */
  revision?: string;
  repoUrl?: string;
  path?: string;
  deployedAt?: string;
  namespace?: string;
  images: string[];
  resources: { kind: string; name: string; sync?: string; health?: string }[];
};

/** Reduces an Application, as the API server returns it, to its summary. */
export function summarize(application: any): ApplicationSummary {
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
    repoUrl: spec.source?.repoURL,
    path: spec.source?.path,
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

import { Backend } from '../http/backend';

export type Deployment = { id: number; revision: string; deployedAt: string; url?: string };

export type Application = {
  name: string;
  sync: string;
  health: string;
  messages: string[];
  revision?: string;
  revisionUrl?: string;
  deployedAt?: string;
  namespace?: string;
  images: string[];
  resources: { kind: string; name: string; sync?: string; health?: string; message?: string }[];
  /** What was deployed before, the newest first. */
  history: Deployment[];
  /** The application in Argo CD. */
  url?: string;
  /** What to say while Argo CD does not run. */
  away?: string;
  mayChange: boolean;
  mayNot?: string;
};

export interface ArgocdApi {
  getApplication(name: string): Promise<Application>;
  refresh(name: string): Promise<void>;
  /** Goes back to an entry of the history by a commit; tells which. */
  rollBack(name: string, id: number): Promise<{ commit: string; url: string }>;
}

/** Asks the portal's own backend, which asks the cluster and writes to Git. */
export class ArgocdClient implements ArgocdApi {
  constructor(private readonly backend: Backend) {}

  async getApplication(name: string): Promise<Application> {
    return (await this.backend.get(pathOf(name))).json();
  }

  async refresh(name: string): Promise<void> {
    await this.backend.post(`${pathOf(name)}/refresh`);
  }

  async rollBack(name: string, id: number): Promise<{ commit: string; url: string }> {
    return (await this.backend.post(`${pathOf(name)}/rollback`, { id })).json();
  }
}

function pathOf(name: string): string {
  return `applications/${encodeURIComponent(name)}`;
}

import { InputError } from '@backstage/errors';
import { answerOf } from '../adapters/asking';
import { Person } from '../adapters/gitea';
import { Cluster } from '../adapters/kubernetes';
import { Trees } from '../adapters/trees';
import { Memory } from '../http/memory';
import { ApplicationLine, ApplicationSummary, GitServer, lineOf, summarize } from './application';
import { rollBack } from './rollback';

export type Settings = {
  /** Where Argo CD keeps its Applications. */
  namespace: string;
  /** The project of users' services. */
  project: string;
  git: GitServer;
  /** Argo CD's own pages. */
  url?: string;
};

const NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
const REFRESH = { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } };

/** Argo CD's Applications, as its objects in the cluster tell. */
export class Applications {
  private readonly memory = new Memory(5, 200);

  constructor(
    private readonly cluster: Cluster,
    private readonly trees: Trees,
    private readonly settings: Settings,
  ) {}

  async one(name: string): Promise<ApplicationSummary> {
    return this.memory.recall(`one ${name}`, async () =>
      summarize(await this.read(name), this.settings.git, this.settings.url),
    );
  }

  /** Those of the names that there are, by one question for all. */
  async named(names: string[]): Promise<ApplicationLine[]> {
    const all = await this.memory.recall('all', async () => {
      const { body } = await answerOf(this.cluster.get(this.path()), {
        missing: 'This platform has no Argo CD',
        refused: 'The portal may not look at applications',
      });
      return (body.items ?? []).map(lineOf) as ApplicationLine[];
    });
    return all.filter(({ name }) => names.includes(name));
  }

  /** Has Argo CD compare with Git now. */
  async refresh(name: string): Promise<void> {
    await answerOf(this.cluster.patch(this.path(name), REFRESH), {
      missing: missing(name),
      refused: `The portal may not ask Argo CD to look at ${name}`,
    });
  }

  async rollBack(name: string, id: number, user: string, author?: Person) {
    const { git, project } = this.settings;
    const application = await this.read(name);
    const made = await rollBack({ application, id, project, user, author }, git, this.trees);
    // Without it, Argo CD takes the commit up with its next round.
    await this.refresh(name).catch(() => {});
    return made;
  }

  private async read(name: string): Promise<any> {
    const words = { missing: missing(name), refused: `The portal may not read the application ${name}` };
    return (await answerOf(this.cluster.get(this.path(name)), words)).body;
  }

  private path(name?: string): string {
    if (name !== undefined && !NAME.test(name)) throw new InputError(`${name} cannot be the name of an application`);
    const applications = `/apis/argoproj.io/v1alpha1/namespaces/${this.settings.namespace}/applications`;
    return name === undefined ? applications : `${applications}/${name}`;
  }
}

function missing(name: string): string {
  return `Argo CD has no application named ${name}`;
}

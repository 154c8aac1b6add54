import { Memory } from '../http/memory';
import { Cluster } from './kubernetes';

/**
 * A controller of the cluster. While it does not run, its objects stay as they were and do not say so:
 * whoever shows them has to.
 */
export class Controller {
  private readonly memory = new Memory(5, 1);

  /** `path` is that of its Deployment or StatefulSet, `words` what people are told while it is away. */
  constructor(
    private readonly cluster: Pick<Cluster, 'get'>,
    private readonly path: string,
    private readonly words: string,
  ) {}

  /** Undefined where it runs, and where that cannot be found out: then the objects cannot be read either. */
  away(): Promise<string | undefined> {
    return this.memory.recall('', async () => {
      const { status, body } = await this.cluster.get(this.path).catch(() => ({ status: 0, body: undefined }));
      return status === 200 && !body.status?.readyReplicas ? this.words : undefined;
    });
  }
}

import { InputError, NotFoundError } from '@backstage/errors';
import { answerOf, dnsLabel } from '../adapters/asking';
import { Workplace } from '../adapters/kubernetes';
import { Memory } from '../http/memory';
import { Run, runOf, summarize } from './workflow';

const API = '/apis/argoproj.io/v1alpha1';
const ABSENT = 'This platform has no Workflows, so there are no pipelines to show';
const REFUSED = 'The portal may not look at pipelines';
const NODE_ID = 'workflows.argoproj.io/node-id';
/** As many runs of a namespace, or of the platform, as are looked at. */
const PAGE = 500;
const PAGES = 4;

export type RunSummary = Omit<Run, 'template'>;
type Header = { uid: string; resourceVersion: string; name: string; namespace: string; creationTimestamp: string };

/** Runs of pipelines, from the cluster's own objects. */
export class Runs {
  private readonly lists = new Memory(5, 100);
  // What a version of an object says never changes: only runs that went on are read again.
  private readonly read = new Memory(3600, 1000);

  constructor(private readonly cluster: Workplace) {}

  /**
   * The newest runs of a template that are older than `page` says. The API server lists by name, and its
   * continue token with it; so the metadata of all is listed, and only the runs of the page are read.
   */
  async page(namespace: string, template: string, limit: number, page?: string) {
    dnsLabel('The template', template);
    const all = await this.headers(dnsLabel('The namespace', namespace));
    const left = page ? all.filter(header => isOlder(header, page)) : all;
    const runs: RunSummary[] = [];
    let last: Header | undefined;
    for (let at = 0; at < left.length && runs.length < limit; at += limit) {
      const batch = left.slice(at, at + limit);
      const found = await Promise.all(batch.map(header => this.run(header)));
      for (const [index, run] of found.entries()) {
        if (runs.length === limit) break;
        last = batch[index];
        if (run?.template === template) runs.push(withoutTemplate(run));
      }
    }
    const more = last && last !== left[left.length - 1];
    return { runs, ...(more && { next: cursorOf(last!) }) };
  }

  /** The newest run of each template, by one list for all of them. */
  async latest(refs: string[]) {
    const asked = refs.map(ref => {
      const [namespace, template, ...rest] = ref.split('/');
      if (!template || rest.length) throw new InputError(`${ref} is not NAMESPACE/TEMPLATE`);
      return { namespace: dnsLabel('The namespace', namespace), template: dnsLabel('The template', template) };
    });
    const all = asked.length ? await this.headers() : [];
    return Promise.all(
      asked.map(async ({ namespace, template }) => {
        const run = await this.newest(all.filter(header => header.namespace === namespace), template);
        const { name, phase, startedAt, finishedAt } = run ?? ({} as Run);
        return { namespace, template, last: run ? { name, phase, startedAt, finishedAt } : null };
      }),
    );
  }

  /** The end of what a step of a run has printed; only pods of that run are asked. */
  async log(namespace: string, run: string, step: string): Promise<string> {
    const pods = `/api/v1/namespaces/${dnsLabel('The namespace', namespace)}/pods`;
    const selector = encodeURIComponent(`workflows.argoproj.io/workflow=${dnsLabel('The run', run)}`);
    const gone = 'The pod of this step is gone, and its log with it; what came of the run is in MLflow';
    const words = { missing: gone, refused: 'The portal may not read this log' };
    const { body } = await answerOf(this.cluster.list(`${pods}?labelSelector=${selector}&limit=${PAGE}`), words);
    const pod = (body.items ?? []).find(({ metadata }: any) => metadata.annotations?.[NODE_ID] === step);
    if (!pod) throw new NotFoundError(gone);
    const query = 'container=main&tailLines=500&limitBytes=1000000';
    return (await answerOf(this.cluster.text(`${pods}/${pod.metadata.name}/log?${query}`), words)).text;
  }

  /** Starts a run of a template, in the name of a user. */
  async start(namespace: string, template: string, user: string): Promise<{ name: string }> {
    const base = `${API}/namespaces/${dnsLabel('The namespace', namespace)}`;
    const found = await answerOf(this.cluster.get(`${base}/workflowtemplates/${dnsLabel('The template', template)}`), {
      missing: `There is no pipeline ${template} in ${namespace} (yet); has Argo CD delivered it?`,
      refused: REFUSED,
    });
    const made = await answerOf(this.cluster.post(`${base}/workflows`, runOf(found.body, user)), {
      missing: ABSENT,
      refused: `The cluster does not let the portal start ${template} in ${namespace}`,
    });
    this.lists.forget(namespace);
    return { name: made.body.metadata.name };
  }

  /** Runs of a namespace or of all, the newest first, without what is in them. */
  private headers(namespace?: string): Promise<Header[]> {
    return this.lists.recall(namespace ?? '*', async () => {
      const path = `${API}/${namespace ? `namespaces/${namespace}/` : ''}workflows`;
      const found: Header[] = [];
      let token = '';
      for (let number = 0; number < PAGES; number++) {
        const query = `limit=${PAGE}${token && `&continue=${encodeURIComponent(token)}`}`;
        const { body } = await answerOf(this.cluster.list(`${path}?${query}`), { missing: ABSENT, refused: REFUSED });
        found.push(...(body.items ?? []).map(({ metadata }: any) => metadata));
        token = body.metadata?.continue ?? '';
        if (!token) break;
      }
      return found.sort((one, other) => cursorOf(other).localeCompare(cursorOf(one)));
    });
  }

  private async newest(headers: Header[], template: string): Promise<Run | undefined> {
    for (const header of headers.slice(0, 10)) {
      const run = await this.run(header);
      if (run?.template === template) return run;
    }
    return undefined;
  }

  /** Undefined where it was removed since it was listed. */
  private run({ uid, resourceVersion, namespace, name }: Header): Promise<Run | undefined> {
    return this.read.recall(`${uid} ${resourceVersion}`, async () => {
      const words = { missing: 'gone', refused: REFUSED };
      const path = `${API}/namespaces/${namespace}/workflows/${name}`;
      const found = await answerOf(this.cluster.get(path), words).catch(error => {
        if (error.name === 'NotFoundError') return undefined;
        throw error;
      });
      return found && summarize(found.body);
    });
  }
}

function cursorOf({ creationTimestamp, name }: Header): string {
  return `${creationTimestamp}_${name}`;
}

function isOlder(header: Header, cursor: string): boolean {
  return cursorOf(header).localeCompare(cursor) < 0;
}

function withoutTemplate({ template: _, ...run }: Run): RunSummary {
  return run;
}

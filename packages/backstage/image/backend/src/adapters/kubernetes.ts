import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export type ClusterResponse = { status: number; body: any };

/** A request to the API server of the cluster that the portal runs in. */
export interface Cluster {
  get(path: string): Promise<ClusterResponse>;
  patch(path: string, mergePatch: object): Promise<ClusterResponse>;
}

/** What pipelines need beside that. */
export interface Workplace extends Cluster {
  /** Only the metadata of the objects of a list: a fraction of their size. */
  list(path: string): Promise<ClusterResponse>;
  /** An answer that is no object, such as a log. */
  text(path: string): Promise<{ status: number; text: string }>;
  post(path: string, object: object): Promise<ClusterResponse>;
}

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Speaks as the portal's service account; its role decides what is answered. */
export class InCluster implements Workplace {
  get(path: string) {
    return this.send('GET', path).then(parsed);
  }

  list(path: string) {
    return this.send('GET', path, { Accept: METADATA_ONLY }).then(parsed);
  }

  text(path: string) {
    return this.send('GET', path, { Accept: '*/*' });
  }

  post(path: string, object: object) {
    return this.send('POST', path, { 'Content-Type': 'application/json' }, JSON.stringify(object)).then(parsed);
  }

  patch(path: string, mergePatch: object) {
    const type = { 'Content-Type': 'application/merge-patch+json' };
    return this.send('PATCH', path, type, JSON.stringify(mergePatch)).then(parsed);
  }

  private send(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<{ status: number; text: string }> {
    if (!existsSync(`${ACCOUNT}/token`)) {
      return Promise.reject(new Error('the portal does not run in a cluster'));
    }
    return new Promise((resolve, reject) => {
      const call = request(
        {
          method,
          host: process.env.KUBERNETES_SERVICE_HOST,
          port: process.env.KUBERNETES_SERVICE_PORT,
          path,
          // Read for each request: the kubelet replaces the token long before it expires.
          ca: readFileSync(`${ACCOUNT}/ca.crt`),
          headers: {
            Authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, 'utf8')}`,
            Accept: 'application/json',
            ...headers,
          },
          timeout: 5_000,
        },
        response => {
          const chunks: Buffer[] = [];
          response.on('data', chunk => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
          );
        },
      );
      call.on('timeout', () => call.destroy(new Error('the API server did not answer in 5 s')));
      call.on('error', reject);
      call.end(body);
    });
  }
}

function parsed({ status, text }: { status: number; text: string }): ClusterResponse {
  try {
    return { status, body: JSON.parse(text) };
  } catch {
    return { status, body: { message: text } };
  }
}

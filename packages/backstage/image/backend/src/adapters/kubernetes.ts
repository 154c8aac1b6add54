import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export type ClusterResponse = { status: number; body: any };

/** A request to the API server of the cluster that the portal runs in. */
export interface Cluster {
  get(path: string): Promise<ClusterResponse>;
  patch(path: string, mergePatch: object): Promise<ClusterResponse>;
}

/** Speaks as the portal's service account; its role decides what is answered. */
export class InCluster implements Cluster {
  get(path: string) {
    return this.send('GET', path);
  }

  patch(path: string, mergePatch: object) {
    return this.send('PATCH', path, JSON.stringify(mergePatch));
  }

  private send(method: string, path: string, body?: string): Promise<ClusterResponse> {
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
            ...(body && { 'Content-Type': 'application/merge-patch+json' }),
          },
          timeout: 10_000,
        },
        response => {
          const chunks: Buffer[] = [];
          response.on('data', chunk => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(chunks) }));
        },
      );
      call.on('timeout', () => call.destroy(new Error('the API server did not answer in 10 s')));
      call.on('error', reject);
      call.end(body);
    });
  }
}

function parse(chunks: Buffer[]): unknown {
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

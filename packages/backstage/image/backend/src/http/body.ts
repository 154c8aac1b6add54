import { IncomingMessage } from 'node:http';
import { InputError } from '@backstage/errors';

/** The JSON object in a request's body; an empty body is an empty object. */
export async function jsonBody(request: IncomingMessage, limit = 20_000): Promise<Record<string, unknown>> {
  const parsed = (request as { body?: unknown }).body;
  if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw new InputError(`The body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  } catch {
    // Said below.
  }
  throw new InputError('The body has to be a JSON object');
}

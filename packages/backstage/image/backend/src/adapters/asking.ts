import { ConflictError, InputError, NotAllowedError, NotFoundError, ServiceUnavailableError } from '@backstage/errors';

/** What to say when the cluster has not got what was asked for, or does not give it to the portal. */
export type Words = { missing: string; refused: string };

/** The cluster's answer, or an error that a card can show. */
export async function answerOf<T extends { status: number; body?: any; text?: string }>(question: Promise<T>, words: Words): Promise<T> {
  const answer = await question.catch(error => {
    throw new ServiceUnavailableError(`The cluster does not answer: ${error.message}`);
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  const said = saidIn(answer);
  if (answer.status === 404) throw new NotFoundError(words.missing);
  if (answer.status === 403) throw new NotAllowedError(words.refused);
  if (answer.status === 409) throw new ConflictError(said ?? 'It was changed meanwhile; look again');
  if (answer.status === 400 || answer.status === 422) throw new InputError(`The cluster refuses that: ${said}`);
  throw new ServiceUnavailableError(`The cluster answered ${answer.status}: ${said}`);
}

function saidIn(answer: { body?: any; text?: string }): string | undefined {
  return answer.body?.message ?? answer.text?.slice(0, 300);
}

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** A name from a URL that may go into a path of the cluster's API. */
export function dnsLabel(what: string, name: string): string {
  if (!DNS_LABEL.test(name)) throw new InputError(`${what} is not the name of anything in the cluster`);
  return name;
}

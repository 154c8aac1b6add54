import { Promotion } from './api';

const STATES: Record<Promotion['state'], string> = {
  waiting: 'Waiting for approval',
  begun: 'Not finished',
  done: 'Done',
  'rolled-back': 'Rolled back',
};

export const stateOf = ({ state }: Promotion) => STATES[state];

/** What continues it, and what made it. */
export const command = (from: string, to: string) => `idp promote --from ${from} --to ${to}`;

const counted = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** How much came with it; what nothing came of is left out. */
export function extentOf({ platform, repositories, images, services, models, checks }: Promotion): string {
  const changed = platform.filter(({ before, after }) => before !== after).length + repositories.length;
  const failed = checks.filter(({ passed }) => !passed).length;
  const parts = [
    changed && counted(changed, 'repository', 'repositories'),
    images.length && counted(images.length, 'image'),
    services.length && counted(services.length, 'service'),
    models.length && counted(models.length, 'model'),
    failed && `${counted(failed, 'check')} not passed`,
  ];
  return parts.filter(Boolean).join(', ') || 'nothing changed';
}

/** A branch or tag as people call it. */
export function refOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, '').replace(/^refs\/tags\//, 'tag ');
}

/** A commit or digest, as much of it as tells it from others. */
export function short(hash: string): string {
  const [algorithm, digest] = hash.split(':');
  return digest ? `${algorithm}:${digest.slice(0, 12)}` : hash.slice(0, 10);
}

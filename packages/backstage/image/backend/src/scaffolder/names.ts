import { InputError } from '@backstage/errors';

/** The longest name that still leaves room for the suffixes of pods and routes. */
const LONGEST = 40;

/** Refuses names that cannot be a host name, a repository and a Kubernetes object all at once. */
export function requireUsableName(name: string): void {
  if (name.length > LONGEST || !/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw new InputError(
      `"${name}" cannot be used as a name: take up to ${LONGEST} lower-case letters, digits and ` +
        'hyphens, starting with a letter and not ending with a hyphen',
    );
  }
}

/** Refuses a name that is taken, and says by what. */
export function requireFree(name: string, takenBy: string[]): void {
  if (takenBy.length > 0) {
    throw new InputError(
      `The name "${name}" is taken by ${takenBy.join(' and ')}. Choose another name, or remove ` +
        'what holds it.',
    );
  }
}

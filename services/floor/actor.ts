import { AsyncLocalStorage } from 'node:async_hooks';

const acting = new AsyncLocalStorage<string>();

/**
 * In whose name things are done at this moment: the name of a token, or null for what the service does by itself. It follows the
 * request through everything that is awaited, so that no route can forget to say who asked.
 */
export function currentActor(): string | null {
  return acting.getStore() ?? null;
}

/** Does something, and all that comes of it, in the name of a token. */
export function actAs<T>(name: string, work: () => T): T {
  return acting.run(name, work);
}

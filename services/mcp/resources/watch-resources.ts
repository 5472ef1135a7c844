import { setTimeout as pause } from 'node:timers/promises';
import type { FarmClient } from '../define.ts';
import { digestOfText, resourceAt } from './farm-resources.ts';

const everyMs = 2_000;
/** A client that wants more is better off with events. */
const mostWatched = 20;

type ResourceWatch = {
  /** Resolves when it is known how the resource is now. */
  add(uri: string): Promise<void>;
  remove(uri: string): void;
  stop(): void;
};

type Watching = {
  readonly client: FarmClient;
  /** Told of a resource that reads otherwise than before. */
  readonly onChange: (uri: string) => Promise<void> | void;
  readonly gone?: AbortSignal;
};

/**
 * Looks at resources as their reader, every two seconds: what one may not see never changes. The farm answers from its memory when
 * nothing has happened.
 */
export function watchResources({ client, onChange, gone }: Watching): ResourceWatch {
  const known = new Map<string, string | null>();
  const stopped = new AbortController();
  const signal = gone ? AbortSignal.any([gone, stopped.signal]) : stopped.signal;
  const stateOf = async (uri: string): Promise<string | null> => {
    const found = resourceAt(uri);
    const text = found && (await found.resource.read(found.of, client).catch(() => null));
    return text === null ? null : digestOfText(text);
  };
  const look = async () => {
    for (const uri of [...known.keys()]) {
      const now = await stateOf(uri);
      // A farm that does not answer has not changed.
      if (now === null || now === known.get(uri) || !known.has(uri)) continue;
      known.set(uri, now);
      await onChange(uri);
    }
  };
  const loop = async () => {
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal, ref: false });
      await look();
    }
  };
  let isLooking = false;
  return {
    add: async (uri) => {
      if (known.size >= mostWatched || known.has(uri)) return;
      known.set(uri, await stateOf(uri));
      if (!isLooking) void loop().catch(() => {});
      isLooking = true;
    },
    remove: (uri) => void known.delete(uri),
    stop: () => stopped.abort(),
  };
}

type Listening =
  | { method?: unknown; params?: { notifications?: { resourceSubscriptions?: unknown } } }
  | null
  | undefined;

/** The resources that a request to listen names. */
export function watchedBy(body: unknown): string[] {
  const { method, params } = (body as Listening) ?? {};
  const asked = params?.notifications?.resourceSubscriptions;
  if (method !== 'subscriptions/listen' || !Array.isArray(asked)) return [];
  return asked.filter((one): one is string => typeof one === 'string');
}

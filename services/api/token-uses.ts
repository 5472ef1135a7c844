import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';

/** When bearers were used last, to about five minutes. It is kept beside the log: what only looks is no event. */
export type TokenUses = {
  seen(name: string): void;
  last(name: string): Promise<string | null>;
};

const everyMs = 300_000;
const keyOf = (name: string) => `token-used/${name}`;

export function openTokenUses({
  hints,
  clock,
  logger,
}: {
  hints: Bucket;
  clock: Pick<Clock, 'now'>;
  logger: Log;
}): TokenUses {
  const told = new Map<string, number>();
  return {
    seen: (name) => {
      const now = clock.now();
      if ((told.get(name) ?? 0) + everyMs > now) return;
      told.set(name, now);
      hints
        .put(keyOf(name), new Date(now).toISOString())
        .catch((error) => logger.debug({ error: String(error) }, 'the last use of a bearer could not be kept'));
    },
    last: async (name) => {
      const entry = await hints.get(keyOf(name)).catch(() => null);
      return entry ? Buffer.from(entry.value).toString('utf8') : null;
    },
  };
}

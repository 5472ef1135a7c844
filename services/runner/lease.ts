import { ulid } from 'ulid';
import { messageOf } from '../app-error.ts';
import type { Log } from '../io/log.ts';
import type { Bucket } from '../io/nats/bucket.ts';

export type Lease = {
  /** The lease that this boot of the runner holds; every RecipeStarted names it. */
  readonly id: string;
  /** Whether the lease of another runner is over: it has not moved for `lostAfterMs` of our own clock. */
  isLost(runner: string, lease: string): boolean;
  /** Whether our own lease could not be renewed for so long that others may think us dead. */
  readonly cutOff: () => boolean;
  stop(): Promise<void>;
};

export type LeaseOptions = {
  readonly bucket: Bucket;
  readonly runner: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly log: Log;
  /** Called after each look at the leases. */
  readonly onLook: () => void;
  readonly renewMs?: number;
  readonly lostAfterMs?: number;
};

/**
 * Renews our lease and watches those of others. Whether another one is alive is judged by our own clock alone: machines
 * need not agree on the time.
 */
export async function holdLease({
  bucket,
  runner,
  facts,
  log,
  onLook,
  renewMs = 5_000,
  lostAfterMs = 20_000,
}: LeaseOptions): Promise<Lease> {
  const id = ulid().toLowerCase();
  const openedAt = performance.now();
  const seen = new Map<string, { lease: string; revision: number; at: number }>();
  let renewedAt = performance.now();

  const renew = async () => {
    await bucket.put(runner, JSON.stringify({ ...facts, runner, lease: id }));
    renewedAt = performance.now();
  };
  const look = async () => {
    for (const [key, { value, revision }] of await bucket.entries()) {
      const before = seen.get(key);
      if (before?.revision === revision) continue;
      const { lease } = JSON.parse(Buffer.from(value).toString('utf8')) as { lease: string };
      seen.set(key, { lease, revision, at: performance.now() });
    }
    onLook();
  };
  await renew();
  await look();
  const timer = setInterval(() => {
    renew()
      .then(look)
      .catch((error) => log.warn({ error: messageOf(error) }, 'lease could not be renewed'));
  }, renewMs);
  timer.unref();
  return {
    id,
    cutOff: () => performance.now() - renewedAt > lostAfterMs,
    isLost: (other, lease) => {
      if (other === runner) return lease !== id;
      const known = seen.get(other);
      const since = known?.lease === lease ? known.at : openedAt;
      return performance.now() - since > lostAfterMs;
    },
    stop: async () => {
      clearInterval(timer);
      await bucket.erase(runner).catch(() => {});
    },
  };
}

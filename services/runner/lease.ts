import { ulid } from 'ulid';
import { messageOf } from '../floor/app-error.ts';
import type { Log } from '../io/log.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import { type RunnerFacts, watchLeases } from '../jobs/lease-watch.ts';

export type Lease = {
  /** The lease that this boot of the runner holds; every RecipeStarted names it. */
  readonly id: string;
  /** Whether the lease of another runner is over: it has not moved for `lostAfterMs` of our own clock. */
  isLost(runner: string, lease: string): boolean;
  /** What the others said of themselves, of those that are alive. */
  others(): RunnerFacts[];
  /** Says at once what has changed in the facts. */
  announce(): Promise<void>;
  stop(): Promise<void>;
};

type LeaseOptions = {
  readonly bucket: Bucket;
  readonly runner: string;
  /** This runner at the moment. */
  readonly facts: () => RunnerFacts;
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
  const watch = watchLeases(bucket, lostAfterMs);
  const renew = async () => {
    await bucket.put(runner, JSON.stringify({ ...facts(), runner, lease: id }));
  };
  const look = async () => {
    await watch.look();
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
    isLost: (other, lease) => (other === runner ? lease !== id : watch.isLost(other, lease)),
    others: () => watch.others(runner),
    announce: renew,
    stop: async () => {
      clearInterval(timer);
      await bucket.erase(runner).catch(() => {});
    },
  };
}

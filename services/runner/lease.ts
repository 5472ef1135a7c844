import { ulid } from 'ulid';
import { messageOf } from '../floor/app-error.ts';
import type { SandboxLevel } from '../floor/sandbox-level.ts';
import type { Log } from '../io/log.ts';
import type { Bucket } from '../io/nats/bucket.ts';

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

/** What others may know of a runner. */
export type RunnerFacts = {
  readonly host: string;
  readonly slots: number;
  readonly containment: string;
  readonly sandbox: SandboxLevel;
  readonly labels: readonly string[];
  /** It takes no more jobs. */
  readonly draining: boolean;
};

const saidByDefault = { sandbox: 'none', labels: [], draining: false } as const;

export type LeaseOptions = {
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
  const seen = new Map<string, { lease: string; facts: RunnerFacts; revision: number; at: number }>();
  let present: readonly string[] = [];
  /** Leases that a job names and no look has shown, by when that was first noticed. */
  const unseen = new Map<string, number>();
  let lookedAt = performance.now();

  const renew = async () => {
    await bucket.put(runner, JSON.stringify({ ...facts(), runner, lease: id }));
  };
  const look = async () => {
    const entries = await bucket.entries();
    const now = performance.now();
    // While the log was away nobody could renew: the silence of that time proves nothing about anybody.
    const wasBlind = now - lookedAt > lostAfterMs / 2;
    lookedAt = now;
    if (wasBlind) unseen.clear();
    for (const [key, { value, revision }] of entries) {
      if (!wasBlind && seen.get(key)?.revision === revision) continue;
      const { lease, ...said } = JSON.parse(Buffer.from(value).toString('utf8')) as RunnerFacts & { lease: string };
      // A runner of an earlier release says less.
      seen.set(key, { lease, facts: { ...saidByDefault, ...said }, revision, at: now });
    }
    present = [...entries.keys()].filter((key) => key !== runner);
    onLook();
  };
  /** A runner may take a job before the next look shows its lease: it has all the time that others have. */
  const unseenSince = (key: string) => {
    const since = unseen.get(key) ?? performance.now();
    unseen.set(key, since);
    return since;
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
    isLost: (other, lease) => {
      if (other === runner) return lease !== id;
      const known = seen.get(other);
      // Leases are ULIDs: a newer one of the same runner says that its earlier life is over.
      if (known && known.lease > lease) return true;
      return performance.now() - (known?.lease === lease ? known.at : unseenSince(`${other} ${lease}`)) > lostAfterMs;
    },
    others: () =>
      present.flatMap((key) => {
        const known = seen.get(key);
        return known && performance.now() - known.at <= lostAfterMs ? [known.facts] : [];
      }),
    announce: renew,
    stop: async () => {
      clearInterval(timer);
      await bucket.erase(runner).catch(() => {});
    },
  };
}

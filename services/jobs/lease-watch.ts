import type { SandboxLevel } from '../floor/sandbox-level.ts';
import { type Bucket, roleLeasePrefix } from '../io/nats/stores/bucket.ts';

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

/** Who holds the leases, as one process sees it by its own clock: machines need not agree on the time. */
export type LeaseWatch = {
  /** Looks at the leases again. */
  look(): Promise<void>;
  /** Whether a lease of a runner is over: it has not moved for `lostAfterMs`. */
  isLost(runner: string, lease: string): boolean;
  /** What those said of themselves that are alive, but this one. */
  others(runner: string | null): RunnerFacts[];
};

/** Watches the leases of all runners. */
export function watchLeases(bucket: Bucket, lostAfterMs: number): LeaseWatch {
  const seen = new Map<string, { lease: string; facts: RunnerFacts; revision: number; at: number }>();
  let present: readonly string[] = [];
  /** Leases that a job names and no look has shown, by when that was first noticed. */
  const unseen = new Map<string, number>();
  let lookedAt = performance.now();

  /** A runner may take a job before the next look shows its lease: it has all the time that others have. */
  const unseenSince = (key: string) => {
    const since = unseen.get(key) ?? performance.now();
    unseen.set(key, since);
    return since;
  };
  return {
    look: async () => {
      const all = await bucket.entries();
      const entries = new Map([...all].filter(([key]) => !key.startsWith(roleLeasePrefix)));
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
      present = [...entries.keys()];
    },
    isLost: (runner, lease) => {
      const known = seen.get(runner);
      // Leases are ULIDs: a newer one of the same runner says that its earlier life is over.
      if (known && known.lease > lease) return true;
      const since = known?.lease === lease ? known.at : unseenSince(`${runner} ${lease}`);
      return performance.now() - since > lostAfterMs;
    },
    others: (runner) =>
      present.flatMap((key) => {
        const known = seen.get(key);
        return key !== runner && known && performance.now() - known.at <= lostAfterMs ? [known.facts] : [];
      }),
  };
}

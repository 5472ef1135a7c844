import { type Bucket, type Entry, roleLeasePrefix } from '../../io/nats/stores/bucket.ts';

/** A runner as its lease tells of it. */
export type LiveRunner = {
  readonly name: string;
  readonly host: string;
  readonly slots: number;
  readonly containment: string;
  /** What its jobs cannot reach; null for a runner that does not say. */
  readonly sandbox: string | null;
  /** What its machine has, such as `go` and `jdk17`. */
  readonly labels: string[];
  /** Whether it has a credential of its own and claims its jobs over the farm's connection: it runs no agents. */
  readonly claims: boolean;
};

/** A lease that did not move for so long, in ms, while others could have seen it move. */
const silentMs = 20_000;
/** Renewals of all leases together after which one that did not move is silent too: each moves every few seconds. */
const turnsMissed = 5;

/**
 * Answers who runs jobs at the moment. A runner that ends takes its lease along; that of one that died lies there for a day,
 * and is known by its standing still: while the others were renewed, or while this process looked.
 */
export function liveRunners(leases: Bucket): () => Promise<LiveRunner[]> {
  const seen = new Map<string, { revision: number; at: number }>();
  return async () => {
    const all = await leases.entries();
    const entries = new Map([...all].filter(([key]) => !key.startsWith(roleLeasePrefix)));
    const now = performance.now();
    const newest = Math.max(0, ...[...entries.values()].map(({ revision }) => revision));
    for (const key of seen.keys()) if (!entries.has(key)) seen.delete(key);
    const isLive = (key: string, { revision }: Entry) => {
      const known = seen.get(key);
      if (known?.revision !== revision) seen.set(key, { revision, at: now });
      else if (now - known.at > silentMs) return false;
      return newest - revision <= turnsMissed * all.size;
    };
    const live = [...entries].filter(([key, entry]) => isLive(key, entry));
    return live.map(([key, { value }]) => runnerOf(key, value)).sort((a, b) => (a.name < b.name ? -1 : 1));
  };
}

function runnerOf(name: string, value: Uint8Array): LiveRunner {
  const facts = JSON.parse(Buffer.from(value).toString('utf8')) as Partial<LiveRunner>;
  return {
    name,
    host: String(facts.host ?? ''),
    slots: Number(facts.slots ?? 0),
    containment: String(facts.containment ?? ''),
    sandbox: facts.sandbox === undefined || facts.sandbox === null ? null : String(facts.sandbox),
    labels: Array.isArray(facts.labels) ? facts.labels.map(String) : [],
    claims: facts.claims === true,
  };
}

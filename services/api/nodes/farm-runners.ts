import type { ApiDeps } from '../define.ts';
import { type LiveRunner, liveRunners } from '../live/live-runners.ts';

/** What `/healthz` says of runners. */
export type RunnerFacts = {
  readonly slots: number;
  readonly running: number;
  readonly queued: number;
  readonly containment: string;
  readonly sandbox: string;
  readonly runners?: number;
  readonly refusal?: string;
};

/** The leases are read for all who ask within this time, in ms: liveness is asked for often. */
const keptMs = 1_000;

/**
 * What the runner of this process does; where several processes answer requests on one log, what all runners do together, so
 * that each of them says the same.
 */
export function runnerFacts({ runner, leases, models, nodes = null }: ApiDeps): () => Promise<RunnerFacts | null> {
  if (!nodes) return async () => runner();
  const live = liveRunners(leases);
  let known: { readonly at: number; readonly found: Promise<readonly LiveRunner[]> } | null = null;
  return async () => {
    const now = performance.now();
    if (known === null || now - known.at > keptMs) known = { at: now, found: live().catch(() => []) };
    const found = await known.found;
    if (found.length === 0) return null;
    const { running = 0, queued = 0 } = models.query().jobs.active();
    return {
      slots: found.reduce((sum, { slots }) => sum + slots, 0),
      running,
      queued,
      containment: listed(found.map(({ containment }) => containment)),
      sandbox: listed(found.map(({ sandbox }) => sandbox ?? 'unknown')),
      runners: found.length,
    };
  };
}

const listed = (words: readonly string[]) => [...new Set(words)].sort().join(', ');

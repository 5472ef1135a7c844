import type { Recorded } from '../../events/registry.ts';

/** How many are kept: a busy farm's jobs between their start and their last word. */
const kept = 5_000;

/** Keeps the JobEnqueued of jobs that are not terminal, as the events go by. */
export function jobsAtHand() {
  const jobs = new Map<string, Recorded<'JobEnqueued'>>();
  return {
    see: (event: Recorded) => {
      if (event.type === 'JobEnqueued') {
        jobs.set(event.entityId, event);
        if (jobs.size > kept) jobs.delete(jobs.keys().next().value ?? '');
      }
      if (event.type === 'FindingsParsed') jobs.delete(event.entityId);
    },
    get: (jobId: string) => jobs.get(jobId),
  };
}

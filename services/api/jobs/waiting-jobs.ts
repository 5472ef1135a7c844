import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { Bucket } from '../../io/nats/stores/bucket.ts';
import { agentWaitingFor, waitingFor } from '../../jobs/rules/waiting-for.ts';
import { missingRoles, roleHolders } from '../../roles/role-leases.ts';
import { type LiveRunner, liveRunners } from '../live/live-runners.ts';

/** For how long an answer of the leases is good, in ms: a renewal comes every few seconds. */
const freshMs = 1_000;

/** Says why queued jobs do not begin, by what the runners that live can do. */
export function waitingJobs(leases: Bucket) {
  const look = liveRunners(leases);
  const holders = roleHolders(leases);
  let asked: { at: number; answer: Promise<LiveRunner[]> } | undefined;
  const runners = () => {
    const now = performance.now();
    if (!asked || now - asked.at > freshMs) asked = { at: now, answer: look() };
    return asked.answer;
  };
  return {
    runners,
    /** What a queued or parsing job waits for that nobody has, as words; null when nothing is missing or nobody can say. */
    reason: async ({
      status,
      recipe_snapshot,
      purpose,
    }: Pick<JobDoc, 'status' | 'recipe_snapshot' | 'purpose'>): Promise<string | null> => {
      if (status === 'parsing') {
        const living = await holders().catch(() => []);
        const isAlone = living.length > 0 && missingRoles(living).includes('parser');
        return isAlone ? 'no living process has the role parser' : null;
      }
      if (status !== 'queued') return null;
      const live = await runners().catch(() => null);
      const { needs } = recipe_snapshot.subproject;
      return live && (purpose === 'agent' ? agentWaitingFor(needs, live) : waitingFor(needs, live));
    },
  };
}

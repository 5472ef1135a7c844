import type { AgentRunEndedData } from '../../../events/jobs/bottle.ts';
import type { ExitReason, RecipeExitedData } from '../../../events/jobs/job.ts';

const words: Partial<Record<ExitReason, string>> = {
  cancelled: 'Somebody stopped it.',
  orphaned: 'Its runner died, and what it had done is lost.',
  sandbox_missing: 'No runner here shuts agents in.',
};

/** How a bottle ended whose job has ended; null while another job takes its place. */
export function endOfJob(
  exit: RecipeExitedData,
  { bottle_id, startedAt }: { readonly bottle_id: string; readonly startedAt: string | null },
): AgentRunEndedData | null {
  if (exit.reason === 'runner_lost') return null;
  const { left, ...rest } = { left: exit.bottle, job_id: exit.job_id, sha: exit.sha, duration_ms: exit.duration_ms };
  const common = { bottle_id, project: exit.project, ...rest, exit_code: exit.exit_code, started_at: startedAt };
  if (left) {
    return { ...common, ...left };
  }
  const why = exit.reason === 'cancelled' ? words.cancelled : (exit.detail ?? words[exit.reason]);
  const ended = exit.reason === 'cancelled' ? 'stopped' : 'failed';
  return { ...common, ended, why: why ?? `Its job ended by ${exit.reason}.`, diff: null, session: null, turns: null };
}

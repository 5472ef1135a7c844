import { draftReport } from '../../../events/jobs/job.ts';
import type { Recorded } from '../../../events/registry.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { Step } from '../attempt-steps.ts';
import { jobOf } from '../proving/proof-runs.ts';
import { nextTurn } from '../rules/drafting/next-turn.ts';
import { noCost } from '../rules/drafting/turn-cost.ts';
import { planOfBump } from './draft-by-bump.ts';
import { rerunOf } from './draft-by-tool.ts';
import { finishDraft } from './draft-patch.ts';
import type { Drafted } from './drafting.ts';

const largestDraft = 4 * 1024 * 1024;

/** A job in which a tool made a draft was read: what it changed is the draft. */
export async function draftFromJob({ data, seq }: Recorded<'FindingsParsed'>, step: Step): Promise<void> {
  const { patch, deps } = step;
  // A job of an earlier try that is heard of again, or read again, is not what is waited for.
  if (seq < Math.max(patch.seqs.sent_back, patch.seqs.refreshed) || (data.reading ?? 1) > 1) return;
  const which = nextTurn(patch.methods, patch.sent_back);
  if (which === null || patch.status !== 'requested') return;
  const job = jobOf(data.job_id, deps);
  if (job === null || job.reason === 'runner_lost') return;
  // A linter that mended what it could still ends with what it could not.
  const isDone = job.status === 'succeeded' || (which.method === 'tool_edit' && job.reason === 'exited');
  const drafted = isDone ? await readDraft(data.job_id, step) : null;
  if (drafted !== null && drafted.trim() !== '') {
    const { findings } = deps.models.query();
    const members = patch.members.flatMap(({ identity }) => findings.known(identity) ?? []);
    await finishDraft(
      await madeBy(which.method, { diff: drafted, members, job_ms: job.duration_ms ?? 0 }, step),
      which,
      step,
    );
    return;
  }
  const words = (await lastLines(data.job_id, job, step)).slice(-2_000);
  const failed: Drafted =
    drafted === null || job.status !== 'succeeded'
      ? {
          kind: 'failed',
          step: 'draft',
          reason: 'command_failed',
          detail: `${job.command} ended with ${job.exit_code ?? job.reason}. ${words}`,
        }
      : { kind: 'failed', step: 'draft', reason: 'no_change', detail: `${job.command} changed nothing. ${words}` };
  await finishDraft(failed, which, step);
}

type Made = { readonly diff: string; readonly members: readonly FindingDoc[]; readonly job_ms: number };

async function madeBy(method: string, { diff, members, job_ms }: Made, step: Step): Promise<Drafted> {
  const change = { form: 'diff', diff } as const;
  const targets = members.map(({ identity }) => identity);
  const cost = { ...noCost, duration_ms: job_ms };
  if (method === 'bump') {
    const plan = await planOfBump(members, step);
    const owned = plan.kind === 'none' ? [] : plan.owned;
    const explanation = plan.kind === 'none' ? '' : plan.explanation;
    return { kind: 'change', change, targets, explanation, confidence: null, cost, owned };
  }
  const explanation = `${members[0]?.tool ?? 'The tool'} makes this change itself: \`${rerunOf(members, step) ?? ''}\`.`;
  return { kind: 'change', change, targets, explanation, confidence: null, cost };
}

/** The diff that the job left; null when it left none or one that is larger than any draft may be. */
async function readDraft(jobId: string, { deps }: Step): Promise<string | null> {
  const exited = await deps.log.last('RecipeExited', jobId);
  if (!exited?.data.reports) return null;
  const pieces: Uint8Array[] = [];
  let size = 0;
  await deps.logs.readReports(jobId, exited.data.reports, ({ name, bytes }) => {
    if (name !== draftReport) return;
    size += bytes.length;
    if (size <= largestDraft) pieces.push(bytes);
  });
  return size > largestDraft ? null : Buffer.concat(pieces).toString('utf8');
}

async function lastLines(jobId: string, job: { log_bytes: number }, { deps }: Step): Promise<string> {
  if (job.log_bytes === 0) return '';
  let tail = '';
  await deps.logs.read(jobId, {}, ({ bytes }) => {
    tail = (tail + Buffer.from(bytes).toString('utf8')).slice(-4_000);
  });
  return tail;
}

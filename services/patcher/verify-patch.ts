import type { Occurrence } from '../../events/finding.ts';
import type { FindingsParsedData, JobEnqueuedData } from '../../events/job.ts';
import type { Recorded } from '../../events/registry.ts';
import type { JobDoc } from '../../projections/jobs.ts';
import type { PatchDoc } from '../../projections/patch-document.ts';
import { AppError } from '../floor/app-error.ts';
import { derivedJobId } from '../jobs/rules/job-id.ts';
import { equalIdentities } from '../parser/rules/identify-findings.ts';
import { attemptAt, end, fail, idOf, type PatcherDeps, record, type Step } from './attempt-steps.ts';
import { comparePatched, type PatchedRun } from './rules/drafting/compare-patched.ts';
import { narrowCommand } from './rules/drafting/narrow-command.ts';

type Stage = NonNullable<JobEnqueuedData['patch']>['stage'];

/** Runs the recipe on the patched tree, as a job like any other; `fast` runs the tool on the touched files first. */
export async function verifyPatch(step: Step): Promise<void> {
  const { patch, deps } = step;
  if (patch.status !== 'drafted') return;
  const fast =
    deps.models.query().projects.find(patch.project)?.patch?.verify === 'fast' ? narrowed(patch, step) : null;
  if (fast === null) await enqueue('full', step);
  else await enqueue('fast', step, { command: fast });
}

function narrowed(patch: PatchDoc, { deps }: Step): string | null {
  const lead = deps.models.query().findings.known(patch.identity);
  const command = jobOf(patch.job_id, deps)?.command;
  const files = patch.files.flatMap(({ path, status }) => (status === 'deleted' ? [] : [path]));
  return lead && command && files.length > 0 ? narrowCommand(command, lead.tool, files, patch.subproject) : null;
}

/** Asks for a job of this attempt. However often it is called, there is one such job for a draft. */
export async function enqueue(stage: Stage, step: Step, change: { command?: string } = {}): Promise<void> {
  const { patch, deps } = step;
  const base = await deps.log.last('JobEnqueued', patch.job_id);
  const project = deps.models.query().projects.find(patch.project);
  if (!base || !project) {
    await end({ step: 'context', reason: 'job_gone', detail: `The job ${patch.job_id} or its project is gone.` }, step);
    return;
  }
  const about = stage === 'draft' ? `${patch.turn}` : `${patch.seqs.drafted}`;
  const data: JobEnqueuedData = {
    ...base.data,
    ...change,
    job_id: derivedJobId(patch.id, stage, patch.base.sha, about),
    sha: patch.base.sha,
    priority: 'normal',
    purpose: stage === 'draft' ? 'draft' : 'verify',
    requested_by: 'crafting-table',
    credential_ref: project.credential_ref,
    supersede: false,
    retry_lost: true,
    rerun_of: null,
    patch: { patch_id: patch.id, stage, drafted_seq: stage === 'draft' ? 0 : patch.seqs.drafted },
  };
  await record({ type: 'JobEnqueued', id: data.job_id, data }, 0, step);
}

/** A verify job was read: the patch is proven, or not. */
export async function judgeVerified(
  { data, seq }: Recorded<'FindingsParsed'>,
  job: Recorded<'JobEnqueued'>,
  step: Step,
): Promise<void> {
  const { deps } = step;
  const patch = await attemptAt(seq, step.patch.id, deps);
  const { stage, drafted_seq } = job.data.patch ?? {};
  if (!patch || patch.status !== 'verifying' || drafted_seq !== patch.seqs.drafted || patch.method === null) return;
  // It was proven already, and this is a repetition.
  if (patch.seqs.verified > patch.seqs.drafted) return;
  const current = { ...step, patch };
  const after = runOf(jobOf(data.job_id, deps), data, deps);
  if (after.reason === 'runner_lost') return;
  if (after.reason === 'cancelled') {
    await end({ step: 'verify', reason: 'cancelled', detail: `The verify job ${data.job_id} was cancelled.` }, current);
    return;
  }
  if (after.reason === 'workspace_failed' || after.reason === 'remote_unavailable') {
    const detail = jobOf(data.job_id, deps)?.detail ?? 'the workspace could not be prepared';
    const { turn, method, cost } = patch;
    await fail({ turn, method, cost, step: 'apply', reason: 'does_not_apply', detail }, current);
    return;
  }
  const before = runOf(jobOf(patch.job_id, deps), (await deps.log.last('FindingsParsed', patch.job_id))?.data, deps);
  const { failure, evidence } = comparePatched({
    before: stage === 'fast' ? only(before, new Set(patch.files.map(({ path }) => path))) : before,
    after: stage === 'fast' ? { ...after, tools: before.tools } : after,
    targets: patch.targets,
    renamed: new Map(),
    siblings: (identity) => siblingsOf(identity, patch.project, { most: before.occurrences.length + 1, deps }),
  });
  if (failure) {
    const { turn, method, cost } = patch;
    await fail({ turn, method, cost, step: 'verify', ...failure, evidence }, current);
    return;
  }
  if (stage === 'fast') await enqueue('full', current);
  else {
    const verified = { ...idOf(patch), drafted_seq: patch.seqs.drafted, evidence };
    await record({ type: 'PatchVerified', id: patch.id, data: verified }, patch.seqs.verified, current);
  }
}

/** A run of the touched files alone is compared with what the whole run said about them. */
function only(run: PatchedRun, paths: ReadonlySet<string>): PatchedRun {
  const occurrences = run.occurrences.filter(({ file }) => file !== null && paths.has(file));
  return { ...run, occurrences, tests: null };
}

function siblingsOf(identity: string, project: string, { most, deps }: { most: number; deps: PatcherDeps }) {
  const finding = deps.models.query().findings.known(identity);
  if (!finding?.why_identity) return new Set([identity]);
  return equalIdentities(project, { kind: finding.kind, parts: finding.why_identity.parts }, Math.min(most, 1000));
}

export function jobOf(id: string, { models }: PatcherDeps): JobDoc | null {
  const found = models.query().jobs.find(id);
  return found ? (JSON.parse(found.doc) as JobDoc) : null;
}

function runOf(job: JobDoc | null, parsed: FindingsParsedData | undefined, deps: PatcherDeps): PatchedRun {
  if (!job) throw new AppError('not_found', 'The job is gone.');
  return {
    jobId: job.job_id,
    command: job.command,
    reason: job.reason,
    exitCode: job.exit_code,
    durationMs: job.duration_ms,
    tests: parsed?.tests ?? null,
    tools: job.tools,
    occurrences: [...seenIn(job.job_id, deps)],
  };
}

function* seenIn(jobId: string, { models }: PatcherDeps): Generator<Occurrence> {
  const { occurrences } = models.query();
  for (let after = -1; ; ) {
    const page = occurrences.page(jobId, after, 500);
    for (const { doc } of page) yield doc;
    const last = page.at(-1);
    if (!last || page.length < 500) return;
    after = last.ordinal;
  }
}

import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import type { Recorded } from '../../../events/registry.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { AppError } from '../../floor/app-error.ts';
import { derivedJobId } from '../../jobs/rules/job-id.ts';
import { attemptAt, end, fail, idOf, type PatcherDeps, record, type Step } from '../attempt-steps.ts';
import { broughtAlong } from '../rules/drafting/brought-along.ts';
import type { PatchedRun } from '../rules/drafting/compare-patched.ts';
import { costOfTurn, noCost, withoutCosts } from '../rules/drafting/turn-cost.ts';
import { evaluateProof, keyOf } from '../rules/proof/evaluate-proof.ts';
import type { ProofRun } from '../rules/proof/proof-plan.ts';
import { type Planned, planProof } from './plan-proof.ts';
import { jobOf, latestJob, reportedRun } from './proof-runs.ts';

const ongoing = new Set<JobDoc['status']>(['queued', 'running', 'parsing']);

/** A draft is to be proven: by runs of the base commit and of itself, each of them a job like any other. */
export async function verifyPatch(step: Step): Promise<void> {
  if (step.patch.status === 'drafted') await prove(step);
}

/** A job of a proof was read: the next one is asked for, or the draft is proven, or not. */
export async function judgeVerified(
  { seq, data: { job_id } }: Recorded<'FindingsParsed'>,
  job: Recorded<'JobEnqueued'>,
  step: Step,
): Promise<void> {
  const { deps } = step;
  const { stage, drafted_seq } = job.data.patch ?? {};
  if (jobOf(job_id, deps)?.reason === 'runner_lost') return;
  const goOn = async (id: string) => {
    const patch = await attemptAt(seq, id, deps);
    if (patch && (stage === 'base' || drafted_seq === patch.seqs.drafted)) await prove({ ...step, patch });
  };
  await goOn(step.patch.id);
}

/** Ends the jobs of an attempt that somebody stopped. */
export async function cancelJobs(step: Step): Promise<void> {
  const { patch, deps } = step;
  const draft = derivedJobId(patch.id, 'draft', patch.base.sha, `${patch.turn}`);
  for (const id of [...patch.verify_jobs, draft]) {
    const job = latestJob(id, deps);
    if (job === null || !ongoing.has(job.status) || job.cancel_requested_by !== null) continue;
    const data = { job_id: job.job_id, project: patch.project, by: 'crafting-table' };
    await record({ type: 'JobCancelRequested', id: job.job_id, data }, 0, step);
  }
}

/** Attempts that may have waited for a run of the base commit which another one asked for. */
export function alsoProving(project: string, patchId: string, { deps }: Omit<Step, 'patch'>): string[] {
  return deps.models
    .query()
    .patches.openOf(project)
    .filter(({ id, status }) => id !== patchId && (status === 'drafted' || status === 'verifying'))
    .map(({ id }) => id);
}

/** Looks at the runs of a proof in their order, up to the first that is not over yet. */
export async function prove(step: Step): Promise<void> {
  const { patch, deps } = step;
  if (deps.models.query().patches.paused() !== null) return;
  if (patch.status !== 'drafted' && patch.status !== 'verifying') return;
  // It was proven already, and this is a repetition.
  if (patch.method === null || patch.seqs.verified > patch.seqs.drafted) return;
  const planned = await planProof(step);
  if (planned === null) {
    await end({ step: 'context', reason: 'job_gone', detail: `The job ${patch.job_id} or its project is gone.` }, step);
    return;
  }
  const results = new Map<string, PatchedRun>();
  for (;;) {
    const { objection } = planned;
    const said = objection
      ? ({ kind: 'failed', why: objection, evidence: null } as const)
      : evaluateProof(planned.judging, results);
    if (said.kind === 'proven') {
      const data = { ...idOf(patch), drafted_seq: patch.seqs.drafted, evidence: said.evidence };
      await record({ type: 'PatchVerified', id: patch.id, data }, patch.seqs.verified, step);
      return;
    }
    if (said.kind === 'failed') {
      const { why, evidence } = said;
      const reason = bringsMore(why.reason, results, { planned, step }) ? 'more_to_mend' : why.reason;
      const failed = { step: 'verify', reason, detail: why.detail.slice(0, 8192) } as const;
      const { turn, method } = patch;
      if (why.isFinal) await end(failed, step, evidence);
      else await fail({ ...failed, turn, method, cost: ownCost(patch), evidence }, step);
      return;
    }
    const { id, job, asked } = latestTry(jobIdOf(said.run, planned, step), deps);
    if (job === null) {
      if (asked) waitAWhile(asked, deps);
      return askFor(said.run, { id, planned }, step);
    }
    if (ongoing.has(job.status) || job.reason === 'runner_lost') return;
    if (job.reason === 'workspace_failed' && said.run.stage !== 'base') return doesNotApply(job, step);
    results.set(keyOf(said.run), await reportedRun(job, deps));
  }
}

/** Whether a tool's own edits brought nothing along but what it mends itself, in its next pass. */
function bringsMore(reason: string, results: ReadonlyMap<string, PatchedRun>, { planned, step: { patch } }: Proving) {
  const after = results.get(keyOf({ stage: 'full', recipe: patch.recipe, round: 1 }));
  if (patch.method !== 'tool_edit' || reason !== 'new_findings' || !after) return false;
  const files = patch.files.map(({ path }) => path);
  return broughtAlong(planned.judging.before, after, files).length > 0;
}

type Proving = { readonly planned: Planned; readonly step: Step };

/** What the turn took that made this draft: what the turns before it took is known. */
function ownCost({ cost, sent_back }: PatchDoc) {
  return withoutCosts(cost ?? noCost, sent_back.map(costOfTurn));
}

/** How long a repository that could not be reached is left alone before a job asks again, in ms. */
const pauseMs = 30_000;
const mostTries = 4;

/** The newest of the jobs that try one run: a repository that cannot be reached says nothing of a draft. */
export function latestTry(
  first: string,
  deps: Pick<PatcherDeps, 'models'>,
): { id: string; job: JobDoc | null; asked: JobDoc | null } {
  let asked: JobDoc | null = null;
  for (let tries = 0; ; tries += 1) {
    const id = tries === 0 ? first : derivedJobId(first, 'remote', `${tries}`);
    const job = latestJob(id, deps);
    if (job === null || job.reason !== 'remote_unavailable' || tries + 1 >= mostTries) return { id, job, asked };
    asked = job;
  }
}

/** Throws AppError('rate_limited') until it is time to ask again. */
function waitAWhile({ finished_at, job_id }: JobDoc, { clock }: PatcherDeps): void {
  const waited = clock.now() - Date.parse(finished_at ?? '');
  if (waited < pauseMs)
    throw new AppError('rate_limited', `The job ${job_id} could not reach its repository.`, {
      retryAfterSecs: Math.ceil((pauseMs - waited) / 1000),
    });
}

async function doesNotApply({ detail }: JobDoc, step: Step): Promise<void> {
  const { turn, method } = step.patch;
  if (method === null) return;
  const why = detail ?? 'the workspace could not be prepared';
  await fail({ turn, method, cost: ownCost(step.patch), step: 'apply', reason: 'does_not_apply', detail: why }, step);
}

/** Runs of a base commit are kept for all that is proven of it; all others are of one draft. */
function jobIdOf(
  { stage, recipe, round }: ProofRun,
  { base, judging, registeredAt }: Planned,
  { patch }: Step,
): string {
  const about = `${patch.seqs.drafted}`;
  if (stage !== 'base')
    return derivedJobId(
      patch.id,
      stage,
      patch.base.sha,
      about,
      ...(round > 1 || stage === 'other' ? [recipe, `${round}`] : []),
    );
  const command = base.snapshot.subproject[recipe] ?? '';
  const place = [patch.project, registeredAt, patch.subproject, recipe, command];
  return derivedJobId('proof of base', ...place, patch.base.sha, judging.conditions, `${round}`);
}

type Asking = { readonly id: string; readonly planned: Planned };

async function askFor(run: ProofRun, { id, planned }: Asking, step: Step): Promise<void> {
  const { stage, recipe, round, only, command, mutant, disguised } = run;
  const { base, judging } = planned;
  const change = {
    recipe,
    command: command ?? (recipe === base.recipe ? base.command : base.snapshot.subproject[recipe]),
  };
  await askForJob(id, { ...base, ...change, command: change.command ?? base.command }, step, {
    stage,
    drafted_seq: stage === 'base' ? 0 : step.patch.seqs.drafted,
    round,
    conditions: judging.conditions,
    ...(only === null || stage === 'base' ? {} : { only: [...only] }),
    ...(mutant ? { mutant } : {}),
    ...(disguised ? { disguised } : {}),
  });
}

/** Has a method's own command make the draft, in a job. However often it is called, there is one such job for a turn. */
export async function askForDraft(command: string, step: Step, { installs = true } = {}): Promise<void> {
  const { patch, deps } = step;
  const base = await deps.log.last('JobEnqueued', patch.job_id);
  if (!base) {
    await end({ step: 'context', reason: 'job_gone', detail: `The job ${patch.job_id} or its project is gone.` }, step);
    return;
  }
  const id = derivedJobId(patch.id, 'draft', patch.base.sha, `${patch.turn}`);
  const { install: _install, ...subproject } = base.data.snapshot.subproject;
  const snapshot = installs ? base.data.snapshot : { ...base.data.snapshot, subproject };
  await askForJob(id, { ...base.data, command, snapshot }, step, { stage: 'draft', drafted_seq: 0 });
}

type About = Omit<NonNullable<JobEnqueuedData['patch']>, 'patch_id'>;

async function askForJob(id: string, base: JobEnqueuedData, step: Step, about: About): Promise<void> {
  const { patch, deps } = step;
  const project = deps.models.query().projects.find(patch.project);
  if (!project) {
    await end({ step: 'context', reason: 'job_gone', detail: `The project ${patch.project} is gone.` }, step);
    return;
  }
  const data: JobEnqueuedData = {
    ...base,
    job_id: id,
    sha: patch.base.sha,
    priority: 'normal',
    purpose: about.stage === 'draft' ? 'draft' : 'verify',
    requested_by: 'crafting-table',
    credential_ref: project.credential_ref,
    supersede: false,
    retry_lost: true,
    rerun_of: null,
    patch: { patch_id: patch.id, ...about },
  };
  await record({ type: 'JobEnqueued', id, data }, 0, step);
}

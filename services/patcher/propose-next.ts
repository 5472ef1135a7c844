import type { JobDoc } from '../../projections/jobs.ts';
import type { PatchDoc } from '../../projections/patch-document.ts';
import { isAppError } from '../app-error.ts';
import { maxOpenProposals } from '../decisions/patching/choose-patches.ts';
import { newRunOf } from '../decisions/patching/new-run.ts';
import type { EffectOf } from '../define.ts';
import { choicesOf, hasPlace, isWaiting, requestOf } from '../proposals/propose-patches.ts';
import { type PatcherDeps, record, type Step } from './attempt-steps.ts';

type Occasion = { readonly effect: EffectOf; readonly deps: PatcherDeps };

/** Fills the free places of a project that asked for patches of itself with the best of its open findings. */
export async function fillPlaces(projectName: string, { effect, deps }: Occasion): Promise<void> {
  const { models, config, logger } = deps;
  const project = models.query().projects.find(projectName);
  if (!project?.notify.auto_patch || !project.enabled) return;
  const asking = { config, query: models.query };
  const free = maxOpenProposals - models.query().patches.openOf(projectName).length;
  if (free <= 0) return;
  try {
    const choices = choicesOf(models.query().findings.openIn(projectName, mostLookedAt), project, asking);
    for (const choice of choices.slice(0, free)) {
      const draft = requestOf(choice, { project, by: 'crafting-table' }, asking);
      if (draft) await deps.log.append(draft, { expect: 0, cause: effect(draft.id) }).catch(unlessTaken);
    }
  } catch (error) {
    // Without a forge the loop stays silent, as without a project that asks for it.
    if (!isAppError(error, 'unavailable')) throw error;
    logger.debug({ project: projectName, error: error.message }, 'no patches: not configured');
  }
}

/** Findings among which the best are looked for, the most severe first. */
const mostLookedAt = 1_000;

function unlessTaken(error: unknown): void {
  if (!isAppError(error, 'conflict')) throw error;
}

/** What has waited and may begin, now that a place is free. */
export function admitted(projectName: string, { models }: PatcherDeps): PatchDoc[] {
  const open = models.query().patches.openOf(projectName);
  return open.filter((patch) => isWaiting(patch) && hasPlace(patch, open, maxOpenProposals));
}

/** Whether an attempt may begin now. */
export function mayBegin(patch: PatchDoc, { models }: PatcherDeps): boolean {
  return !isWaiting(patch) || hasPlace(patch, models.query().patches.openOf(patch.project), maxOpenProposals);
}

/** Asks for a new run of an attempt's recipe on the default branch: only a run proves that a merge mended it. */
export async function runAgain(why: string, step: Step): Promise<void> {
  const { patch, deps } = step;
  const base = await deps.log.last('JobEnqueued', patch.job_id);
  const project = deps.models.query().projects.find(patch.project);
  if (!base || !project?.enabled) return;
  const data = newRunOf(base.data, project, { cause: why, patchId: patch.id });
  if (data) await record({ type: 'JobEnqueued', id: data.job_id, data }, 0, step);
}

/** Drafts once more what conflicts with its base, when a newer run still sees the findings. */
export async function refreshAfter(job: JobDoc, { effect, deps }: Occasion): Promise<void> {
  const { findings, patches } = deps.models.query();
  for (const patch of patches.openOf(job.project)) {
    const wanted = patch.conflicted && !patch.refreshed && patch.taken_over === null && patch.status === 'pr_opened';
    if (!wanted || patch.subproject !== job.subproject || patch.recipe !== job.recipe) continue;
    if (job.sha === null || job.sha === patch.base.sha) continue;
    const members = patch.members.filter(({ identity }) => {
      const finding = findings.known(identity);
      return finding?.state === 'open' && finding.last_seen_job === job.job_id;
    });
    if (members.length === 0) continue;
    const base = { branch: patch.base.branch, sha: job.sha };
    const data = { patch_id: patch.id, project: patch.project, job_id: job.job_id, base, members };
    await record({ type: 'PatchRefreshRequested', id: patch.id, data }, 0, { patch, effect, deps });
  }
}

import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import { hasSlot, isWaiting, maxOpenAttempts } from '../attempts/awaited-place.ts';
import { choicesOf, requestOf } from '../attempts/request-attempts.ts';
import type { EffectOf } from '../define.ts';
import { isAppError } from '../floor/app-error.ts';
import { appendOnce } from '../io/event-log.ts';
import { provenGrant } from '../projects/forge-access.ts';
import { type PatcherDeps, record, type Step } from './attempt-steps.ts';
import type { Choice } from './rules/drafting/choose-patches.ts';
import { newRunOf } from './rules/drafting/new-run.ts';

type Occasion = { readonly effect: EffectOf; readonly deps: PatcherDeps };

/** Fills the free slots of a project that asked for patches of itself with the best of its open findings. */
export async function fillFreeSlots(projectName: string, { effect, deps }: Occasion): Promise<void> {
  const { models, config, logger } = deps;
  const project = models.query().projects.find(projectName);
  if (!project?.notify.auto_patch || !project.enabled) return;
  const asking = { config, query: models.query, clock: deps.clock };
  await provenGrant(project, deps);
  const free = maxOpenAttempts - models.query().patches.openOf(projectName).length;
  if (free <= 0) return;
  try {
    const choices = choicesOf(models.query().findings.openIn(projectName, mostLookedAt), project, asking);
    const drafts = choices.flatMap((choice) =>
      wasTried(choice, deps) ? [] : (requestOf(choice, { project, by: 'crafting-table' }, asking) ?? []),
    );
    for (const draft of drafts.slice(0, free)) {
      const { seq } = await appendOnce(deps.log, draft, { expect: 0, cause: effect(draft.id) });
      // Whoever looks for free slots next must see that this one is taken.
      if (!(await models.applied(seq, lag))) return;
    }
  } catch (error) {
    // Without a forge the loop stays silent, as without a project that asks for it.
    const isPassing = isAppError(error, 'unavailable') || isAppError(error, 'forbidden');
    if (!isPassing && !(isAppError(error) && withoutForge.has(error.reason))) throw error;
    logger.debug({ project: projectName, error: error.message }, 'no patches: not configured or not granted');
  }
}

const withoutForge: ReadonlySet<string> = new Set(['no_forge', 'patcher_disabled']);

/** Findings among which the best are looked for, the most severe first. */
const mostLookedAt = 1_000;

const lag = 10_000;

/** What came to nothing is not begun again by itself before a newer run has seen it: nothing has changed. */
function wasTried({ lead }: Choice, { models }: PatcherDeps): boolean {
  const { findings, patches } = models.query();
  const { latest } = patches.standing(lead.identity);
  return latest !== null && latest.job_id === findings.find(lead.id)?.last_seen_job;
}

/** What has waited and may begin, now that a slot is free. */
export function admitted(projectName: string, { models }: PatcherDeps): PatchDoc[] {
  const open = models.query().patches.openOf(projectName);
  return open.filter((patch) => isWaiting(patch) && hasSlot(patch, open, maxOpenAttempts));
}

/**
 * What began in the name of this same event and was cut off while the agent was asked: nothing else comes back to it, and
 * it does not look as if it were waiting.
 */
export async function cutOff(projectName: string, { effect, deps }: Occasion): Promise<PatchDoc[]> {
  const asked = deps.models
    .query()
    .patches.openOf(projectName)
    .filter(({ status, turn, agent_turns }) => status === 'requested' && turn === 0 && agent_turns > 0);
  const starts = await Promise.all(asked.map(({ id }) => deps.log.last('PatchTurnStarted', id)));
  return asked.filter((_, at) => starts[at]?.causationId === effect('').eventId);
}

/** Whether an attempt may begin now. */
export function mayBegin(patch: PatchDoc, { models }: PatcherDeps): boolean {
  return !isWaiting(patch) || hasSlot(patch, models.query().patches.openOf(patch.project), maxOpenAttempts);
}

/** Asks for a new run of an attempt's recipe on the default branch: only a run proves that a merge mended it. */
export async function runAgain(why: string, step: Step): Promise<void> {
  const { patch, deps } = step;
  // Its job is an agent's at work, and no run of a recipe.
  if (patch.bottle !== null) return;
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

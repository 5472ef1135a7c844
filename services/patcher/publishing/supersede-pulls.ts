import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import type { EffectOf } from '../../define.ts';
import { code } from '../../floor/text/escape-text.ts';
import { scopedForge } from '../../io/forge/scoped-forge.ts';
import { lastSeq, type PatcherDeps, record, type Step } from '../attempt-steps.ts';
import { untilForgeTakes } from '../forge-wait.ts';
import { jobLink } from '../rules/pull-request/provenance-footer.ts';
import { lookAt } from './watch-pulls.ts';

type Occasion = { readonly effect: EffectOf; readonly deps: PatcherDeps };

/** A run on the default branch was read: pull requests that mend nothing more are closed, and give their places back. */
export async function supersedeAfter(job: JobDoc, { effect, deps }: Occasion): Promise<void> {
  for (const { id } of deps.models
    .query()
    .patches.openOf(job.project)
    .filter((one) => isObsolete(one, deps)))
    await deps.withLock(id, async () => {
      // People may have merged it without anybody having told: then that is what happened.
      await lookAt(id, { effect, deps });
      const patch = deps.models.query().patches.find(id)?.doc;
      if (!patch || !isObsolete(patch, deps)) return;
      const { pr_number: number, pr_url: url, forge, repository, project } = patch;
      if (number === null || url === null || repository === null) return;
      const reason = `Job ${job.job_id} on ${patch.base.branch} does not see what it mends any more.`;
      const pull = { patch_id: id, project, forge, repository, number, url };
      const data = { ...pull, job_id: job.job_id, reason };
      const step = { patch, effect, deps };
      await record({ type: 'PrSuperseded', id, data }, await lastSeq('PrSuperseded', step), step);
    });
}

function isObsolete({ status, targets, taken_over }: PatchDoc, { models }: PatcherDeps): boolean {
  if (status !== 'pr_opened' || taken_over !== null || targets.length === 0) return false;
  const { findings } = models.query();
  return targets.every((identity) => findings.known(identity)?.state === 'resolved');
}

/** Says on the forge why, and closes it there. */
export async function closeSuperseded(step: Step): Promise<void> {
  await untilForgeTakes(() => closeOnForge(step));
}

async function closeOnForge(step: Step): Promise<void> {
  const { patch, deps } = step;
  if (patch.status !== 'superseded' || patch.pr_number === null) return;
  const forge = deps.openForge(patch);
  if (!forge) return;
  const scope = { branch: patch.branch, base: patch.base.branch, number: patch.pr_number };
  const scoped = scopedForge(forge, scope, async () => {});
  const pull = await scoped.readPull(patch.pr_number);
  if (pull?.state !== 'open') return;
  const last = await deps.log.last('PrSuperseded', patch.id);
  const job = last === null ? 'A later run' : `Job ${jobLink(last.data.job_id, deps.config.publicUrl)}`;
  await scoped.comment(
    patch.pr_number,
    `${job} on ${code(patch.base.branch, 255)} no longer sees what this mends: it was mended in another way. crafting-table closes it; when the finding comes back, it is proposed anew.`,
  );
  await scoped.closePull(patch.pr_number);
}

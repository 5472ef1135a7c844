import { digestOf } from '../../../projections/patches/patches.ts';
import { isSameRepository } from '../../floor/forges/choose-forge.ts';
import { usualApprovalHours } from '../../projects/rules/looser-approval.ts';
import { idOf, lastSeq, type PatcherDeps, record, type Step } from '../attempt-steps.ts';
import { doubtsIn } from '../rules/proof/unsettled.ts';

/**
 * Whether a diff may be pushed. Where its project wants a person to look first, or its tests do not settle it, that one is asked
 * about exactly these bytes, once; another diff is asked about anew.
 */
export async function isApproved(diff: string, title: string, step: Step): Promise<boolean> {
  const { patch, deps } = step;
  const hours = hoursToWait(step);
  if (hours === null) return true;
  const digest = digestOf(diff);
  const { approval } = patch;
  if (approval !== null) return approval.digest === digest && approval.answer === 'approved';
  const expires_at = new Date(deps.clock.now() + hours * 3_600_000).toISOString();
  const data = {
    ...idOf(patch),
    digest,
    drafted_seq: patch.seqs.drafted,
    title: title.slice(0, 512) || patch.id,
    expires_at,
  };
  const last = await lastSeq('PatchApprovalRequested', step);
  // Somebody else has asked about this draft in this moment.
  if (last < patch.seqs.drafted) await record({ type: 'PatchApprovalRequested', id: patch.id, data }, last, step);
  return false;
}

/** Hours in which a person has to look at a draft before it is pushed; null where none has to. */
export function hoursToWait({ patch, deps }: Pick<Step, 'patch' | 'deps'>): number | null {
  const asked = hoursToApprove(patch.project, deps);
  const isDoubtful = doubtsIn(patch.evidence?.proof?.notes ?? []).length > 0;
  return asked ?? (isDoubtful ? usualApprovalHours : null);
}

/**
 * Hours in which a person has to look at what a project would push; null where nobody wants that. What one project wants of a
 * repository holds for each of them: a second one beside it is no way round.
 */
function hoursToApprove(name: string, { models, config }: Pick<PatcherDeps, 'models' | 'config'>): number | null {
  const { projects } = models.query();
  const project = projects.find(name);
  if (!project) return null;
  const hoursOf = ({ patch }: Pick<typeof project, 'patch'>) =>
    patch?.approval && (patch.approval.hours ?? usualApprovalHours);
  const own = hoursOf(project);
  if (own) return own;
  const { forge } = config.patcher;
  const others = projects
    .withApproval()
    .filter(({ git_url }) => isSameRepository(git_url, project.git_url, forge))
    .flatMap((one) => hoursOf(one) ?? []);
  return others.length === 0 ? null : Math.min(...others);
}

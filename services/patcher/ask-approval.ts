import { digestOf } from '../../projections/patches.ts';
import { usualApprovalHours } from '../projects/rules/looser-approval.ts';
import { idOf, lastSeq, record, type Step } from './attempt-steps.ts';

/**
 * Whether a diff may be pushed. Where its project wants a person to look first, that one is asked about exactly these bytes,
 * once; another diff is asked about anew.
 */
export async function isApproved(diff: string, title: string, step: Step): Promise<boolean> {
  const { patch, deps } = step;
  const asked = deps.models.query().projects.find(patch.project)?.patch?.approval;
  if (!asked) return true;
  const digest = digestOf(diff);
  const { approval } = patch;
  if (approval !== null) return approval.digest === digest && approval.by !== null;
  const expires_at = new Date(deps.clock.now() + (asked.hours ?? usualApprovalHours) * 3_600_000).toISOString();
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

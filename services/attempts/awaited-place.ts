import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { WorkDoc } from '../../projections/work/work-document.ts';
import type { Queries } from '../projector/read-models.ts';

/** A project has at most so many open proposals; the rest wait. */
export const maxOpenAttempts = 3;

/** Whether an attempt has its place among the open proposals; only older ones count, so it can but come nearer. */
export function hasSlot(patch: PatchDoc, open: readonly PatchDoc[], slots: number): boolean {
  return open.filter(({ seqs }) => seqs.requested < patch.seqs.requested).length < slots;
}

/** Whether nothing was done for it yet. */
export function isWaiting({ status, turn, agent_turns, refreshed }: PatchDoc): boolean {
  return status === 'requested' && turn === 0 && agent_turns === 0 && !refreshed;
}

/** In words, for which place an attempt waits among the open ones of its project; null where it has one, or has begun. */
export function placeAwaited(patch: PatchDoc, open: readonly PatchDoc[]): string | null {
  if (!patch.open || !isWaiting(patch) || hasSlot(patch, open, maxOpenAttempts)) return null;
  const before = open.filter(({ seqs }) => seqs.requested < patch.seqs.requested);
  const names = before.slice(0, 10).map(({ id, pr_number }) => (pr_number === null ? id : `#${pr_number}`));
  const more = before.length > names.length ? ', …' : '';
  return `a place: ${before.length} proposals of ${patch.project} are open before it (${names.join(', ')}${more}), and ${maxOpenAttempts} at once are the most`;
}

/** The same of what a work has proposed. */
export function placeOfWork({ state, patch_id, project }: WorkDoc, { patches }: Queries): string | null {
  const attempt = state !== 'proposed' || patch_id === null ? undefined : patches.find(patch_id)?.doc;
  return attempt === undefined ? null : placeAwaited(attempt, patches.openOf(project));
}

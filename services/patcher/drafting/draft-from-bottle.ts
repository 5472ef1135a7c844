import type { Recorded } from '../../../events/registry.ts';
import type { Step } from '../attempt-steps.ts';
import { nextTurn } from '../rules/drafting/next-turn.ts';
import { bottleOf, fromBottle } from './draft-by-bottle.ts';
import { finishDraft } from './draft-patch.ts';

/** A bottle that works on findings has ended: what it left is the draft of its turn. */
export async function draftFromBottle({ data }: Recorded<'AgentRunEnded'>, step: Step): Promise<void> {
  const { patch } = step;
  const which = nextTurn(patch.methods, patch.sent_back);
  if (which?.method !== 'bottle' || patch.status !== 'requested') return;
  // A bottle of an earlier try that is heard of again is not what is waited for.
  if (data.bottle_id !== bottleOf(patch, which.turn)) return;
  await finishDraft(await fromBottle(data.bottle_id, step), which, step);
}

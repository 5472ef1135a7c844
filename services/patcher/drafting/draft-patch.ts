import { maxDiffLength } from '../../../events/patches/patch.ts';
import type { PatchMethod } from '../../../events/projects/project.ts';
import { digestOf } from '../../../projections/patches/patches.ts';
import { end, fail, idOf, lastSeq, record, remoteOf, type Step } from '../attempt-steps.ts';
import { objectionTo } from '../gate/patch-gate.ts';
import { nextTurn, type TurnFailed } from '../rules/drafting/next-turn.ts';
import { costOfTurn, sumOfCosts } from '../rules/drafting/turn-cost.ts';
import { draftByAgent } from './draft-by-agent.ts';
import { draftByBottle } from './draft-by-bottle.ts';
import { draftByBump } from './draft-by-bump.ts';
import { draftByGiven } from './draft-by-given.ts';
import { draftByTool } from './draft-by-tool.ts';
import type { Drafted, Drafting } from './drafting.ts';

const methods: Readonly<Record<PatchMethod, (drafting: Drafting) => Promise<Drafted>>> = {
  tool_edit: draftByTool,
  bump: draftByBump,
  agent: draftByAgent,
  bottle: draftByBottle,
  given: draftByGiven,
};

/** Takes one try: the cheapest method that was not tried yet, or the agent once more. One try ends in one event. */
export async function draftPatch(step: Step): Promise<void> {
  const { patch, deps } = step;
  const which = nextTurn(patch.methods, patch.sent_back);
  if (which === null || patch.status !== 'requested' || patch.turn !== (patch.sent_back.at(-1)?.turn ?? 0)) return;
  const { findings } = deps.models.query();
  const members = patch.members.flatMap(({ identity }) => findings.known(identity) ?? []);
  const open = members.filter(({ state }) => state === 'open');
  if (open.length === 0 && patch.bottle === null) {
    await end({ step: 'context', reason: 'finding_gone', detail: 'The finding is not open any more.' }, step);
    return;
  }
  const drafted = await methods[which.method]({ ...step, turn: which.turn, findings: open });
  await finishDraft(drafted, which, step);
}

/** Ends of a proof that another one may not come to. */
const saysNothingOfDraft = new Set([
  'cancelled',
  'environment',
  'not_shut_in',
  'not_reproduced',
  'stopped',
  'unavailable',
]);

/** Makes the patch out of what a method came to, judges it, and records the draft or why there is none. */
export async function finishDraft(
  drafted: Drafted,
  { turn, method }: { turn: number; method: PatchMethod },
  step: Step,
): Promise<void> {
  if (drafted.kind === 'later') return;
  if (drafted.kind === 'failed') return fail({ ...drafted, turn, method }, step);
  const { patch, deps } = step;
  const no = (failed: TurnFailed) => fail({ ...failed, turn, method, cost: drafted.cost }, step);
  const remote = await remoteOf(patch, deps);
  const made = await deps.workspaces.changeTree(remote, patch.base.sha, drafted.change);
  if (!made.ok) return no({ step: 'apply', reason: 'does_not_apply', detail: made.reason });
  const objection = await objectionTo(made.patch, { method, owned: drafted.owned }, step);
  if (objection) return no(objection);
  const { diff, files } = made.patch;
  const tried = deps.models.query().patches.judgedDrafts(patch.project, patch.base.sha, digestOf(diff));
  const same = tried.find(({ reason }) => !saysNothingOfDraft.has(reason));
  if (same)
    return no({
      step: 'policy',
      reason: 'same_draft',
      detail: `This very draft was tried on this commit (attempt ${same.patch_id}, turn ${same.turn}) and came to nothing: ${same.reason}.`,
    });
  if (diff.length > maxDiffLength)
    return no({
      step: 'policy',
      reason: 'too_large',
      detail: `The diff has ${diff.length} characters; ${maxDiffLength} are the most.`,
    });
  const data = {
    ...idOf(patch),
    method,
    turn,
    base_sha: patch.base.sha,
    targets: drafted.targets.slice(0, 500),
    diff,
    files: files.map(({ path, status, added, removed }) => ({ path, status, added, removed })),
    explanation: drafted.explanation.slice(0, 8192),
    confidence: drafted.confidence,
    cost: sumOfCosts([...patch.sent_back.map(costOfTurn), drafted.cost]),
  };
  // Another process may have sent this turn back meanwhile.
  if ((await lastSeq('PatchSentBack', step)) !== patch.seqs.sent_back) return;
  await record({ type: 'PatchDrafted', id: patch.id, data }, patch.seqs.drafted, step);
}

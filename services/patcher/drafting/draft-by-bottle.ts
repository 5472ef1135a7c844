import { bottleIdOf, requestRun } from '../../bottles/request-run.ts';
import { storedDiff } from '../../bottles/stored-diff.ts';
import { isAppError } from '../../floor/app-error.ts';
import type { Step } from '../attempt-steps.ts';
import { bottlePrompt } from '../rules/agent/bottle-prompt.ts';
import { noCost } from '../rules/drafting/turn-cost.ts';
import type { Drafted, Drafting } from './drafting.ts';

/** Takes what a bottle left, or has an agent work on the findings in one. */
export async function draftByBottle(drafting: Drafting): Promise<Drafted> {
  const { patch, turn, deps, effect } = drafting;
  if (patch.bottle !== null) return fromBottle(patch.bottle.bottle_id, drafting);
  const project = deps.models.query().projects.find(patch.project);
  const agent = project?.patch?.agent;
  if (!project || agent === undefined)
    return failed('agent_missing', `The project ${patch.project} names no manifest for its findings (patch.agent).`);
  const earlier = patch.sent_back.findLast(({ method }) => method === 'bottle');
  const before = earlier && (await deps.log.last('AgentRunEnded', bottleOf(patch, earlier.turn)));
  await requestRun(
    {
      ...{ project: project.name, owner: project.owner, subproject: patch.subproject, agent },
      prompt: bottlePrompt({ ...drafting, lastTry: earlier ?? null }),
      session: before?.data.session ?? null,
      work: { kind: 'finding', ref: patch.base.sha, patch_id: patch.id, turn },
      requested_by: 'crafting-table',
      causes: causesOf(patch, turn),
    },
    { log: deps.log, cause: effect(`bottle of turn ${turn}`) },
  );
  return { kind: 'later' };
}

type Attempt = Step['patch'];

const causesOf = ({ id, base }: Attempt, turn: number) => [id, base.sha, `${turn}`];

/** The bottle in which a turn of an attempt is worked on. */
export const bottleOf = (patch: Attempt, turn: number) => bottleIdOf(causesOf(patch, turn));

const stopped = new Set(['stopped', 'killed', 'frozen', 'cut_off']);

/** What a bottle that has ended came to, as a draft. */
export async function fromBottle(bottleId: string, { patch, deps }: Step): Promise<Drafted> {
  const ended = (await deps.log.last('AgentRunEnded', bottleId))?.data;
  if (!ended) return failed('bottle_failed', `The bottle ${bottleId} has not ended.`);
  const said = (await deps.log.last('AgentRunDone', bottleId))?.data ?? null;
  const cost = { ...noCost, turns: ended.turns ?? 1, duration_ms: ended.duration_ms };
  if (patch.bottle === null && stopped.has(ended.ended))
    return failed('bottle_stopped', ended.why ?? `The bottle ${bottleId} was ${ended.ended.replace('_', ' ')}.`, cost);
  if (ended.ended === 'failed') return failed('bottle_failed', ended.why ?? `The bottle ${bottleId} failed.`, cost);
  if (said?.status === 'failed') return failed('declined', said.summary || 'Its agent gave up.', cost);
  const left = await storedDiff(bottleId, deps).catch((error: unknown) => {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  });
  if (left === null) return failed('no_change', `The bottle ${bottleId} changed nothing.`, cost);
  return {
    kind: 'change',
    change: { form: 'diff', diff: left.diff },
    targets: patch.members.map(({ identity }) => identity),
    explanation: patch.bottle?.summary ?? said?.summary ?? '',
    confidence: null,
    cost,
  };
}

const failed = (reason: string, detail: string, cost = noCost): Drafted => ({
  ...{ kind: 'failed', step: 'agent', reason, detail: detail.slice(0, 8192), cost },
});

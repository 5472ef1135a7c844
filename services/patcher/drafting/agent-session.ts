import { reportedTurn } from '../../egress/metering/reported-turn.ts';
import { isAppError, messageOf } from '../../floor/app-error.ts';
import type { Agent, AgentReply } from '../../io/agent/agent.ts';
import { attemptAt, idOf, lastSeq, type PatcherDeps, record, type Step } from '../attempt-steps.ts';
import type { TurnFailed } from '../rules/drafting/next-turn.ts';

/** What may be better in a while. */
const passing = new Set(['unavailable', 'timeout', 'rate_limited']);

/** Steps at which a conversation may have been opened whose id a crash lost. */
const mayHaveLost = new Set(['agent', 'context']);

/** `taken`: somebody else is asking at this moment. */
type Asked = { readonly reply: AgentReply } | { readonly failed: TurnFailed } | { readonly taken: true };

type Asking = {
  readonly turn: number;
  /** What begins a conversation, and what goes on with one that the agent remembers; null at first. */
  readonly opening: string;
  readonly feedback: string | null;
  /** Nobody knows whether the last question was ever seen. */
  readonly wasLost: boolean;
};

/**
 * Asks the agent once. That it is about to be asked stands in the log before, under the sequence that is known: of two
 * that try, one asks. After a crash nobody knows whether it was asked, and the question is not repeated: its answer counts
 * as lost, and the next turn says so.
 */
export async function askAgent({ turn, opening, feedback, wasLost }: Asking, agent: Agent, step: Step): Promise<Asked> {
  const { patch, deps, effect } = step;
  const started = await deps.log.last('PatchTurnStarted', patch.id);
  const since = Math.max(patch.seqs.sent_back, patch.seqs.refreshed);
  if (started && started.seq > since && started.data.turn === turn) {
    if (started.causationId !== effect('').eventId) return { taken: true };
    return failed('reply_lost', 'The answer was lost: this service ended while the agent was asked.');
  }
  let asked = false;
  try {
    const found = await sessionOf(agent, step);
    if (found === null) return { taken: true };
    const { session, isNew } = found;
    const prompt = feedback === null ? opening : isNew || wasLost ? `${opening}\n${feedback}` : feedback;
    const data = { ...idOf(patch), turn, session_id: session, prompt_bytes: Buffer.byteLength(prompt) };
    const mine = await record({ type: 'PatchTurnStarted', id: patch.id, data }, started?.seq ?? 0, step);
    if (!mine) return { taken: true };
    await deps.log.flush();
    asked = true;
    return { reply: await metered(prompt, agent, step, () => agent.turn(session, prompt)) };
  } catch (error) {
    // Before it was asked, an agent that does not answer is waited for.
    if (!isAppError(error) || (!asked && passing.has(error.code))) throw error;
    return failed(error.reason === 'budget_exhausted' ? error.reason : `agent_${error.code}`, error.message);
  }
}

/** What the turn took is in the book of all agents, and no budget is passed by it. */
async function metered(prompt: string, agent: Agent, { patch, deps }: Step, ask: () => Promise<AgentReply>) {
  if (!deps.egress) return ask();
  const { project, finding_id } = patch;
  const owner = deps.models.query().projects.find(project)?.owner ?? 'unknown';
  const spender = { bottle_id: null, attempt_id: patch.id, agent: agent.adapter, project, owner, finding_id };
  const withinMs = deps.config.patcher.turnTimeoutSecs * 1000;
  const { adapter, model } = agent;
  const { prices } = deps.egress;
  const ledger = await deps.egress.ledger();
  const promptBytes = Buffer.byteLength(prompt);
  return reportedTurn({ ledger, prices, spender, adapter, model, promptBytes, withinMs }, ask);
}

function failed(reason: string, detail: string): Asked {
  return { failed: { step: 'agent', reason, detail } };
}

/**
 * The open conversation of this attempt, or a new one. A crash may have opened one and lost its id: then it is found.
 * Null when somebody else has opened one meanwhile.
 */
async function sessionOf(agent: Agent, step: Step): Promise<{ session: string; isNew: boolean } | null> {
  const { patch } = step;
  const open = patch.sessions.filter(({ closed }) => !closed).at(-1)?.session_id;
  if (open !== undefined) {
    const state = await agent.state(open);
    // One that a crash left before its first question knows nothing yet.
    if (state && !state.closed) return { session: open, isNew: state.turns === 0 };
    await recordClosed(open, step);
  }
  const expect = await lastSeq('PatchSessionOpened', step);
  const session_id = (await agent.find(patch.id)) ?? (await agent.open(patch.id));
  const data = { ...idOf(patch), adapter: agent.adapter, session_id, model: agent.model };
  if (await record({ type: 'PatchSessionOpened', id: patch.id, data }, expect, step))
    return { session: session_id, isNew: true };
  const theirs = await step.deps.log.last('PatchSessionOpened', patch.id);
  if (theirs?.data.session_id !== session_id) await agent.close(session_id);
  return null;
}

async function recordClosed(session_id: string, step: Step): Promise<void> {
  const data = { ...idOf(step.patch), session_id };
  const expect = await lastSeq('PatchSessionClosed', step);
  await record({ type: 'PatchSessionClosed', id: step.patch.id, data }, expect, step);
}

/** Ends the last conversation of an attempt that went with its project; the agent forgets it in the end, if it cannot. */
export async function closeForgotten(patchId: string, { agent, log, logger }: PatcherDeps): Promise<void> {
  const opened = agent ? await log.last('PatchSessionOpened', patchId) : null;
  const closed = opened ? await log.last('PatchSessionClosed', patchId) : null;
  if (!agent || !opened || (closed && closed.seq > opened.seq)) return;
  await agent
    .close(opened.data.session_id)
    .catch((error) => logger.warn({ patch: patchId, error: messageOf(error) }, 'a conversation could not be ended'));
}

/** Ends the conversations of an attempt that has come to an end, or to a proof. One that may not be ended is left alone. */
export async function closeSessions(seq: number, step: Step): Promise<void> {
  try {
    await closeAll(seq, step);
  } catch (error) {
    if (!isAppError(error) || passing.has(error.code)) throw error;
    step.deps.logger.warn({ patch_id: step.patch.id, error: error.message }, 'a conversation could not be closed');
  }
}

async function closeAll(seq: number, step: Step): Promise<void> {
  const { agent } = step.deps;
  const patch = await attemptAt(seq, step.patch.id, step.deps);
  if (!patch || !agent) return;
  const unknown =
    mayHaveLost.has(patch.failure?.step ?? '') && patch.sessions.length === 0 && patch.methods.includes('agent')
      ? await agent.find(patch.id)
      : null;
  if (unknown) await agent.close(unknown);
  for (const { session_id, closed } of patch.sessions) {
    if (closed) continue;
    await agent.close(session_id);
    await recordClosed(session_id, { ...step, patch });
  }
}

import { isAppError } from '../app-error.ts';
import type { TryFailed } from '../decisions/patching/next-try.ts';
import type { Agent, AgentReply } from '../io/agent/agent.ts';
import { attemptAt, idOf, lastSeq, record, type Step } from './attempt-steps.ts';

/** `taken`: somebody else is asking at this moment. */
export type Asked = { readonly reply: AgentReply } | { readonly failed: TryFailed } | { readonly taken: true };

type Asking = {
  readonly turn: number;
  /** What begins a conversation, and what goes on with one that the agent remembers; null at first. */
  readonly opening: string;
  readonly feedback: string | null;
};

/**
 * Asks the agent once. That it is about to be asked stands in the log before, under the sequence that is known: of two
 * that try, one asks. After a crash nobody knows whether it was asked, and the question is not repeated: its answer counts
 * as lost, and the next turn says so.
 */
export async function askAgent({ turn, opening, feedback }: Asking, agent: Agent, step: Step): Promise<Asked> {
  const { patch, deps, effect } = step;
  const started = await deps.log.last('PatchTurnStarted', patch.id);
  const since = Math.max(patch.seqs.sent_back, patch.seqs.refreshed);
  if (started && started.seq > since && started.data.turn === turn) {
    if (started.causationId !== effect('').eventId) return { taken: true };
    return failed('reply_lost', 'The answer was lost: this service ended while the agent was asked.');
  }
  let asked = false;
  try {
    const { session, isNew } = await sessionOf(agent, step);
    const prompt = feedback === null ? opening : isNew ? `${opening}\n${feedback}` : feedback;
    const data = { ...idOf(patch), turn, session_id: session, prompt_bytes: Buffer.byteLength(prompt) };
    const mine = await record({ type: 'PatchTurnStarted', id: patch.id, data }, started?.seq ?? 0, step);
    if (!mine) return { taken: true };
    await deps.log.flush();
    asked = true;
    return { reply: await agent.turn(session, prompt) };
  } catch (error) {
    // Before it was asked, an agent that does not answer is waited for.
    if (!isAppError(error) || (!asked && ['unavailable', 'timeout', 'rate_limited'].includes(error.code))) throw error;
    return failed(`agent_${error.code}`, error.message);
  }
}

function failed(reason: string, detail: string): Asked {
  return { failed: { step: 'agent', reason, detail } };
}

/** The open conversation of this attempt, or a new one. A crash may have opened one and lost its id: then it is found. */
async function sessionOf(agent: Agent, step: Step): Promise<{ session: string; isNew: boolean }> {
  const { patch } = step;
  const open = patch.sessions.filter(({ closed }) => !closed).at(-1)?.session_id;
  if (open !== undefined) {
    const state = await agent.state(open);
    if (state && !state.closed) return { session: open, isNew: false };
    await recordClosed(open, step);
  }
  const session_id = (await agent.find(patch.id)) ?? (await agent.open(patch.id));
  const data = { ...idOf(patch), adapter: agent.adapter, session_id, model: agent.model };
  await record({ type: 'PatchSessionOpened', id: patch.id, data }, await lastSeq('PatchSessionOpened', step), step);
  return { session: session_id, isNew: true };
}

async function recordClosed(session_id: string, step: Step): Promise<void> {
  const data = { ...idOf(step.patch), session_id };
  const expect = await lastSeq('PatchSessionClosed', step);
  await record({ type: 'PatchSessionClosed', id: step.patch.id, data }, expect, step);
}

/** Ends the conversations of an attempt that has come to an end, or to a proof. */
export async function closeSessions(seq: number, step: Step): Promise<void> {
  const { agent } = step.deps;
  const patch = await attemptAt(seq, step.patch.id, step.deps);
  if (!patch || !agent) return;
  const unknown = patch.failure?.step === 'agent' && patch.sessions.length === 0 ? await agent.find(patch.id) : null;
  if (unknown) await agent.close(unknown);
  for (const { session_id, closed } of patch.sessions) {
    if (closed) continue;
    await agent.close(session_id);
    await recordClosed(session_id, { ...step, patch });
  }
}

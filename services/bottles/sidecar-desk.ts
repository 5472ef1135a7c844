import { createHash } from 'node:crypto';
import { Value } from '@sinclair/typebox/value';
import type { Cause } from '../../events/envelope.ts';
import type { BottleWork } from '../../events/jobs/bottle.ts';
import { strangeText } from '../../events/strange-text.ts';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { ForgeVoice } from './forge-voice.ts';
import { type Call, isSidecarMethod, outOfScope, sidecarCalls, wordsOf, writes } from './rules/sidecar-calls.ts';

type DeskDeps = {
  readonly bottle: {
    readonly bottle_id: string;
    readonly project: string;
    readonly job_id: string;
    readonly work: BottleWork;
  };
  readonly log: Pick<EventLog, 'append' | 'last' | 'flush'>;
  /** Null where the project has no forge that may be spoken to. */
  readonly voice: ForgeVoice | null;
  readonly cause: (ordinal: string) => Cause;
  readonly onCall: (words: string) => void;
  readonly onDone: () => void;
};

/** What a call came to. `refused`: it was not let; a refusal is an answer, and its agent may go on. */
export type Said = { readonly result: unknown } | { readonly refused: string } | { readonly failed: string };

export type SidecarDesk = {
  /** Does what an agent asks for, one thing after the other. */
  take(method: string, params: unknown): Promise<Said>;
  readonly isDone: () => boolean;
};

/** Calls after these are refused without a word in the log; but a first signal of done is always taken, and told. */
const mostCalls = 1_000;

/** Opens the desk of one bottle: it checks what is asked, judges it, does it, and leaves an event of it in words. */
export function openDesk(deps: DeskDeps): SidecarDesk {
  const state = { calls: 0, done: false };
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (method, params) => {
      const said = last.then(() => serve(method, params, { state, deps }));
      last = said.catch(() => {});
      return said;
    },
    isDone: () => state.done,
  };
}

type Desk = { readonly state: { calls: number; done: boolean }; readonly deps: DeskDeps };

async function serve(method: string, params: unknown, desk: Desk): Promise<Said> {
  const { state, deps } = desk;
  const call = readCall(method, params);
  const isLast = method === 'signal_done' && !state.done;
  if (state.calls >= mostCalls && !isLast)
    return { refused: `refused: ${mostCalls} calls are the most of one run, but for signal_done` };
  if ('fault' in call) {
    await note(null, `refused: ${call.fault}`, true, desk);
    return { refused: call.fault };
  }
  if (state.done) {
    const why = `refused: ${call.method} after done was signalled`;
    await note(call.method, why, true, desk);
    return { refused: why };
  }
  try {
    const said = await done(call, desk);
    await note(call.method, 'refused' in said ? said.refused : wordsOf(call), 'refused' in said, desk);
    if (call.method === 'signal_done' && 'result' in said) deps.onDone();
    return said;
  } catch (error) {
    const why = isAppError(error) ? error.message : 'the farm has failed';
    await note(call.method, `failed: ${wordsOf(call)}: ${isAppError(error) ? why : messageOf(error)}`, false, desk);
    return { failed: why };
  }
}

function readCall(method: string, params: unknown): Call | { readonly fault: string } {
  if (!isSidecarMethod(method))
    return { fault: `there is no method ${JSON.stringify(method.slice(0, 64).toWellFormed())}` };
  const { params: schema } = sidecarCalls[method];
  const wrong = strangeText(params)[0] ?? Value.Errors(schema, params).First();
  if (wrong) return { fault: `${method}${wrong.path}: ${wrong.message}` };
  return { method, ...(params as object) } as Call;
}

async function done(call: Call, { state, deps }: Desk): Promise<{ result: unknown } | { refused: string }> {
  if (call.method === 'report_progress') return { result: {} };
  if (call.method === 'signal_done') {
    await signal(call, deps);
    state.done = true;
    return { result: {} };
  }
  const { voice } = deps;
  if (voice === null) return { refused: 'refused: this bottle has no forge to speak to' };
  if (!writes(call))
    return {
      result: call.method === 'read_issue' ? await voice.readIssue(call.number) : await voice.readComments(call.number),
    };
  if (!(await isInScope(call.number, voice, deps))) return { refused: outOfScope(call) };
  const write = { number: call.number, body: call.body, key: keyOf(call, deps) };
  if (call.method === 'post_comment') return { result: await voice.postComment(write) };
  await voice.updateDescription(write);
  return { result: {} };
}

/** Its own issue, the pull requests that it was given, and those that have come of its issue since. */
async function isInScope(number: number, voice: ForgeVoice, { bottle }: DeskDeps): Promise<boolean> {
  const { issue, pulls = [] } = bottle.work;
  if (number === issue || pulls.includes(number)) return true;
  return issue !== undefined && (await voice.pullsOf(issue)).includes(number);
}

/** A run that its runner lost is begun again: what it says once more in the same words is said once. */
function keyOf({ method, number, body }: Extract<Call, { body: string }>, { bottle }: DeskDeps): string {
  return createHash('sha256')
    .update(JSON.stringify([bottle.bottle_id, method, number, body]))
    .digest('hex')
    .slice(0, 32);
}

async function signal({ status, summary }: Extract<Call, { method: 'signal_done' }>, deps: DeskDeps): Promise<void> {
  const { bottle, log, cause } = deps;
  const { bottle_id, project, job_id } = bottle;
  const before = await log.last('AgentRunDone', bottle_id);
  if (before?.data.job_id === job_id) throw new AppError('conflict', 'done was signalled before');
  const draft = { type: 'AgentRunDone', id: bottle_id, data: { bottle_id, project, job_id, status, summary } } as const;
  await appendOnce(log, draft, { expect: before?.seq ?? 0, cause: cause('done') });
}

async function note(
  method: Call['method'] | null,
  words: string,
  refused: boolean,
  { state, deps }: Desk,
): Promise<void> {
  const { bottle, log, cause, onCall } = deps;
  // Beyond the most, only what was done is told.
  if (state.calls >= mostCalls && !state.done) return;
  state.calls += 1;
  const { bottle_id, project, job_id } = bottle;
  const data = { bottle_id, project, job_id, call: state.calls, method, words: oneLine(words), refused };
  onCall(data.words);
  await log.append({ type: 'BottleCalled', id: bottle_id, data }, { cause: cause(`call ${state.calls}`) });
}

const oneLine = (text: string) => text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').slice(0, 1_024) || '-';

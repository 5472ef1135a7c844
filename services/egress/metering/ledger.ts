import { setTimeout as wait } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Draft, EventData, Recorded } from '../../../events/registry.ts';
import type { CutoffPolicy } from '../../../events/work/budget.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { Clock } from '../../floor/clock.ts';
import { appendOnce, type EventLog } from '../../io/event-log.ts';
import type { Log } from '../../io/log.ts';
import type { ReadModels } from '../../projector/read-models.ts';
import {
  type Balances,
  type Budget,
  budgetKey,
  budgetsFor,
  closeCall,
  openCall,
  reservedOf,
  type Spender,
  type Sum,
  spanOf,
  spend,
  spentOf,
} from '../rules/balances.ts';
import { type CallDecision, decideCall, type Wanted } from '../rules/decide-call.ts';
import { noUsage } from '../rules/usage-counts.ts';
import { openBalances, openCallOf } from './open-balances.ts';

/** A call that asks for its share: what it wants, and how it is written down. */
type CallRequest = Wanted & {
  readonly provider: string;
  readonly model: string;
  /** How long its answer may take, in ms. */
  readonly withinMs: number;
};

/** A share that the log has taken: the call may be sent, and its answer handed on once the share is `onDisk`. */
export type Grant = {
  readonly callId: string;
  readonly sum: Sum;
  /** Of the share, the tokens of the answer. */
  readonly output: number;
  /** The limit that each answer gets, where that of the request does not hold. */
  readonly maxOutput: number | null;
  readonly isGoverned: boolean;
  /** Resolves when the share is on disk, where a loss of power leaves it; rejects with AppError where nobody knows. */
  readonly onDisk: Promise<void>;
};

export type Metered = Omit<EventData<'TokensMetered'>, keyof Spender> & { readonly spender: Spender };

/** What happened to a bottle, as the log says it. */
export type CutEvent = Recorded<'AgentCutOff' | 'AgentFrozen' | 'AgentKilled'>;

/** The one book of what agents spend, over all processes: the log takes each share before its call is sent. */
export type Ledger = {
  readonly gateway: string;
  /**
   * Takes a share of every budget that counts, and waits while other calls hold it. Throws AppError('conflict')
   * `budget_exhausted`, ('forbidden') `unpriced_model`, ('rate_limited') after `patienceMs`, ('unavailable').
   */
  reserve(call: CallRequest, signal?: AbortSignal): Promise<Grant>;
  /** Writes down what a call took, and gives back the rest of its share. Tries until the log has it. */
  settle(callId: string, metered: Metered): Promise<void>;
  readonly balances: () => Balances;
  onCut(listener: (event: CutEvent) => void): () => void;
  close(): Promise<void>;
};

export type LedgerDeps = {
  readonly log: EventLog;
  /** Null in a process without read models: it reads the log from its beginning. */
  readonly models: Pick<ReadModels, 'query'> | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Log;
  /** How long a call waits for what others hold, in ms. */
  readonly patienceMs?: number;
};

/** What a budget was when it refused a call. */
export class BudgetRefusal extends AppError {
  readonly budget: Budget;
  readonly policy: CutoffPolicy | null;

  constructor(message: string, budget: Budget) {
    super('conflict', message, { name: 'budget_exhausted' });
    this.budget = budget;
    this.policy = budget.policy;
  }
}

type Exhausted = Extract<CallDecision, { say: 'exhausted' }>;

type Waiting = {
  readonly call: CallRequest;
  readonly resolve: (grant: Grant) => void;
  readonly reject: (error: unknown) => void;
};

type Open = LedgerDeps & {
  readonly gateway: string;
  readonly balances: Balances;
  readonly queue: Set<Waiting>;
  /** Sequences of our own events that the follower is still to bring. */
  readonly ahead: Set<number>;
  /** Calls whose share could not be written down for sure: nobody sends them. */
  readonly abandoned: Set<string>;
  /** The last TokensReserved that the balances hold. */
  reservedSeq: number;
  /** How far the follower has come. */
  heardSeq: number;
  flushing: Promise<void> | null;
  again: boolean;
  closed: boolean;
};

const reservedId = 'farm';
const mostInOne = 200;

/** Opens the book: what the read models hold, then what the log says from there on. */
export async function openLedger(deps: LedgerDeps): Promise<Ledger> {
  const listeners = new Set<(event: CutEvent) => void>();
  const { balances, seq, reservedSeq } = await openBalances(deps);
  const open: Open = {
    ...deps,
    gateway: ulid().toLowerCase(),
    balances,
    queue: new Set(),
    ahead: new Set(),
    abandoned: new Set(),
    reservedSeq,
    heardSeq: seq,
    flushing: null,
    again: false,
    closed: false,
  };
  const onEvent = (event: Recorded) => {
    if (event.type === 'TokensReserved' || event.type === 'TokensMetered') open.heardSeq = event.seq;
    if (open.ahead.delete(event.seq)) return;
    apply(open, event);
    if (event.type === 'TokensReserved') giveBack(open, event);
    if (event.type === 'AgentCutOff' || event.type === 'AgentFrozen' || event.type === 'AgentKilled')
      for (const listener of listeners) listener(event);
  };
  const onError = (error: unknown) =>
    deps.logger.error({ error: messageOf(error) }, 'the ledger of agents no longer follows the log');
  const follow = async (filter: string) => {
    const end = await deps.log.end(filter);
    const follower = await deps.log.follow({ from: seq + 1, filter, onEvent, onError, onDrained: () => flush(open) });
    // Nothing is decided before all that there is was heard.
    while (end > seq && follower.lastSeq() < end) await wait(2);
    return follower;
  };
  const followers = await Promise.all(
    ['ct.spend.>', 'ct.budget.*.BudgetSet', 'ct.bottle.>', 'ct.project.*.ProjectRemoved'].map(follow),
  );
  return {
    gateway: open.gateway,
    reserve: (call, signal) => reserve(open, call, signal),
    settle: (callId, metered) => settle(open, callId, metered),
    balances: () => open.balances,
    onCut: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      open.closed = true;
      for (const { reject } of open.queue) reject(closing());
      open.queue.clear();
      await Promise.all(followers.map((one) => one.stop()));
    },
  };
}

function closing(): AppError {
  return new AppError('unavailable', 'The farm is about to stop.', { retryAfterSecs: 5 });
}

function apply(open: Open, event: Recorded): void {
  applyTo(open.balances, event);
  if (event.type === 'TokensReserved') open.reservedSeq = Math.max(open.reservedSeq, event.seq);
}

/** What an event does to the balances. */
function applyTo(balances: Balances, event: Recorded): void {
  if (event.type === 'TokensReserved')
    for (const call of event.data.calls) openCall(balances, call.call_id, openCallOf(call, event.data.gateway));
  else if (event.type === 'TokensMetered') {
    closeCall(balances, event.entityId);
    spend(balances, event.data, event.time);
  } else if (event.type === 'BudgetSet') setOf(balances, event.data);
  else if (event.type === 'ProjectRemoved')
    for (const [key, { project }] of balances.budgets) if (project === event.data.name) balances.budgets.delete(key);
}

function setOf(balances: Balances, { by: _by, limit, ...data }: EventData<'BudgetSet'>): void {
  if (limit === null) balances.budgets.delete(budgetKey(data));
  else balances.budgets.set(budgetKey(data), { ...data, limit });
}

function reserve(open: Open, call: CallRequest, signal?: AbortSignal): Promise<Grant> {
  if (open.closed) return Promise.reject(closing());
  const { promise, resolve, reject } = Promise.withResolvers<Grant>();
  const waiting: Waiting = { call, resolve, reject };
  open.queue.add(waiting);
  const giveUp = (error: AppError) => {
    if (open.queue.delete(waiting)) reject(error);
  };
  const patience = open.patienceMs ?? 600_000;
  const timer = setTimeout(() => giveUp(tooLong()), patience);
  const abort = () => giveUp(new AppError('unavailable', 'The call was given up.'));
  signal?.addEventListener('abort', abort, { once: true });
  flush(open);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  });
}

function tooLong(): AppError {
  const words = 'Other calls hold what is left of a budget: try again when they are over.';
  return new AppError('rate_limited', words, { retryAfterSecs: 30 });
}

/** Hands out shares, one writer at a time: what comes meanwhile is looked at afterwards. */
function flush(open: Open): void {
  if (open.flushing) {
    open.again = true;
    return;
  }
  if (open.queue.size === 0 || open.closed) return;
  open.flushing = handOut(open).finally(() => {
    open.flushing = null;
    if (open.again) {
      open.again = false;
      flush(open);
    }
  });
}

type Chosen = {
  readonly waiting: Waiting;
  readonly grant: Omit<Grant, 'onDisk'>;
  readonly call: EventData<'TokensReserved'>['calls'][number];
};

async function handOut(open: Open): Promise<void> {
  const chosen = choose(open);
  if (chosen.length === 0) return;
  const data = { gateway: open.gateway, calls: chosen.map(({ call }) => call) };
  const draft: Draft<'TokensReserved'> = { type: 'TokensReserved', id: reservedId, data };
  try {
    // A log that has taken it outlives this process. The sync for a loss of power goes on while the provider thinks.
    const made = await appendOnce(open.log, draft, { expect: open.reservedSeq, durable: false });
    if (made.outcome === 'there') return await catchUp(open, chosen, made.seq);
    if (made.seq > open.heardSeq) open.ahead.add(made.seq);
    open.reservedSeq = Math.max(open.reservedSeq, made.seq);
    const onDisk = open.log.flush().catch((error: unknown) => {
      throw unwritable(error);
    });
    onDisk.catch(() => {});
    for (const { waiting, grant } of chosen) waiting.resolve({ ...grant, onDisk });
    for (const { waiting } of chosen) void warn(open, waiting.call.spender);
  } catch (error) {
    takeBack(open, chosen);
    for (const { grant } of chosen) open.abandoned.add(grant.callId);
    open.logger.warn({ error: messageOf(error) }, 'the share of a call cannot be written down');
    for (const { waiting } of chosen) waiting.reject(unwritable(error));
  }
}

function unwritable(cause: unknown): AppError {
  const again = { retryAfterSecs: 5, cause };
  return new AppError('unavailable', 'The ledger cannot be written at the moment.', again);
}

/** Another gateway was first: what it took is heard, then all is decided anew. */
async function catchUp(open: Open, chosen: readonly Chosen[], seq: number): Promise<void> {
  takeBack(open, chosen);
  for (const { waiting } of chosen) open.queue.add(waiting);
  for (let tries = 0; open.reservedSeq < seq && !open.closed && tries < 5_000; tries += 1) await wait(1);
  open.again = true;
}

function takeBack(open: Open, chosen: readonly Chosen[]): void {
  for (const { grant } of chosen) closeCall(open.balances, grant.callId);
}

/** A share that was written down all the same, and for which nothing was sent. */
function giveBack(open: Open, { data }: Recorded<'TokensReserved'>): void {
  for (const { call_id, provider, model, bottle_id, attempt_id, agent, project, owner } of data.calls) {
    if (!open.abandoned.delete(call_id)) continue;
    const spender = { bottle_id, attempt_id, agent, project, owner };
    const nothing = { usage: noUsage, money: null, estimated: false, source: 'response', status: null } as const;
    void settle(open, call_id, { spender, provider, model, ...nothing }).catch(() => {});
  }
}

/** Decides on all that wait, in their order; nobody overtakes a call that waits for the same budget. */
function choose(open: Open): Chosen[] {
  const blocked = new Set<Budget>();
  const chosen: Chosen[] = [];
  const now = open.clock.now();
  const time = new Date(now).toISOString();
  for (const waiting of open.queue) {
    if (chosen.length >= mostInOne) {
      open.again = true;
      break;
    }
    const { call } = waiting;
    if (blocked.size > 0 && budgetsFor(open.balances, call.spender).some((one) => blocked.has(one))) continue;
    const decision = decideCall(open.balances, call, time);
    if (decision.say === 'wait') {
      for (const budget of decision.budgets) blocked.add(budget);
      continue;
    }
    open.queue.delete(waiting);
    if (decision.say === 'go') chosen.push(take(open, waiting, decision, now));
    else if (decision.say === 'unpriced') waiting.reject(unpriced(call.model, decision.budget));
    else {
      void tell(open, 'BudgetExhausted', decision.budget, call.spender, decision.used, time);
      waiting.reject(new BudgetRefusal(exhaustedWords(decision), decision.budget));
    }
  }
  return chosen;
}

function take(open: Open, waiting: Waiting, decision: Extract<CallDecision, { say: 'go' }>, now: number): Chosen {
  const { spender, provider, model, price, withinMs } = waiting.call;
  const { sum, output, maxOutput, isGoverned } = decision;
  const callId = ulid(now).toLowerCase();
  const call = {
    call_id: callId,
    ...spender,
    provider,
    model,
    input_tokens: sum.tokens - output,
    output_tokens: output,
    nano_usd: price === null ? null : sum.nanoUsd,
    until: new Date(now + withinMs).toISOString(),
  };
  openCall(open.balances, callId, openCallOf(call, open.gateway));
  return { waiting, grant: { callId, sum, output, maxOutput, isGoverned }, call };
}

const settleTriesMs = [50, 200, 1_000, 5_000, 15_000];

async function settle(open: Open, callId: string, { spender, ...metered }: Metered): Promise<void> {
  const data: EventData<'TokensMetered'> = { ...spender, ...metered };
  for (let tries = 0; ; tries += 1) {
    try {
      const made = await appendOnce(open.log, { type: 'TokensMetered', id: callId, data }, { expect: 0 });
      // The follower may have brought our own event before the server's answer came.
      if (made.outcome === 'appended' && made.seq > open.heardSeq) {
        open.ahead.add(made.seq);
        closeCall(open.balances, callId);
        spend(open.balances, data, new Date(open.clock.now()).toISOString());
      }
      void warn(open, spender);
      flush(open);
      return;
    } catch (error) {
      if (open.closed && tries > 3) throw error;
      open.logger.warn(
        { error: messageOf(error), call: callId },
        'what a call took cannot be written down, trying again',
      );
      await wait(settleTriesMs[Math.min(tries, settleTriesMs.length - 1)]);
    }
  }
}

const warnAt = 0.8;

/** What open calls may still take counts: a warning that comes when it is spent comes too late to raise the budget. */
async function warn(open: Open, spender: Spender): Promise<void> {
  const time = new Date(open.clock.now()).toISOString();
  for (const budget of budgetsFor(open.balances, spender)) {
    const used = spentOf(open.balances, budget, spender, time) + reservedOf(open.balances, budget, spender);
    if (used >= budget.limit * warnAt) await tell(open, 'BudgetNearlyExhausted', budget, spender, used, time);
  }
}

/** Said once in a span and limit. */
async function tell(
  open: Open,
  type: 'BudgetNearlyExhausted' | 'BudgetExhausted',
  { policy: _policy, ...budget }: Budget,
  spender: Spender,
  used: number,
  time: string,
): Promise<void> {
  const span = budget.per === 'attempt' ? spender.attempt_id : spanOf(budget.per, time);
  const id = budgetKey(budget);
  const data = { ...budget, span, used, attempt_id: spender.attempt_id };
  try {
    const last = await open.log.last(type, id);
    if (last?.data.span === span && last.data.limit === budget.limit) return;
    await appendOnce(open.log, { type, id, data }, { expect: last?.seq ?? 0 });
  } catch (error) {
    open.logger.warn({ error: messageOf(error), budget: id }, 'that a budget is used up cannot be written down');
  }
}

/** That a budget is used up, or has too little left for a call, with the numbers. */
export function exhaustedWords({ budget, used, needs }: Pick<Exhausted, 'budget' | 'used' | 'needs'>): string {
  if (used >= budget.limit) return `${inWords(budget)} is used up.`;
  const [spent, least] = [muchOf(budget.unit, used), muchOf(budget.unit, needs)];
  return `${inWords(budget)} has no room for this call: ${spent} are spent, and it may take ${least} at least.`;
}

function muchOf(unit: Budget['unit'], amount: number): string {
  return unit === 'tokens'
    ? `${amount.toLocaleString('en')} tokens`
    : `$${(amount / 1e9).toFixed(amount < 1e7 ? 4 : 2)}`;
}

function unpriced(model: string, budget: Budget): AppError {
  const words = `has no price in the table of prices, and ${inWords(budget)} is in money: set one in tokens beside it, or add a price.`;
  return new AppError('forbidden', `The model ${JSON.stringify(model.slice(0, 128))} ${words}`, {
    name: 'unpriced_model',
  });
}

/** A budget in words, such as `the budget of the project web of 200,000 tokens a day`. */
function inWords({ level, of, unit, per, limit }: Budget): string {
  const whose = level === 'farm' ? 'the farm' : level === 'owner' ? `the team ${of}` : `the ${level} ${of}`;
  return `the budget of ${whose} of ${muchOf(unit, limit)} ${per === 'attempt' ? 'an attempt' : `a ${per}`}`;
}

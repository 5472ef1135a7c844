import { entityOf } from '../../../events/event-filter.ts';
import type { Recorded } from '../../../events/registry.ts';
import { lineOf } from '../../../events/subscribe/event-line.ts';
import { messageOf } from '../../floor/app-error.ts';
import { type Caller, isStillKnown } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';

/** Readers of one group are shown the same events in the same words, so one of them asks for all. */
export type TailGroup = {
  /** Who may see what, and what is wanted, as text: the same of two readers means that they get the same bytes. */
  readonly key: string;
  readonly wanted: (event: Recorded) => boolean;
  readonly write: (kept: Kept) => string;
};

/** An event with the line that `GET /events` shows of it, which is made once for all. */
export type Kept = { readonly event: Recorded; readonly line: string };

/** What a group is sent from one position on. `next`: the first sequence that was not looked at; `told`: the last one that was sent, 0 for none. */
type TailBatch = { readonly bytes: Buffer | null; readonly next: number; readonly told: number };

/** The end of the log, followed once for everybody who has caught up with it: an event is fetched, opened and written out once, however many read it. */
export type LiveTail = {
  /** Whether everything from a sequence on is at hand, or will be. */
  covers(next: number): boolean;
  /** What a group is to be sent of what the read models hold, from a position that is covered. */
  read(next: number, group: TailGroup): TailBatch;
  /** Whether a reader's bearer still holds; asked anew when one was changed, and each second for those that end. */
  isKnown(caller: Caller): boolean;
  /** Told that there may be more to read, or that the tail covers other positions than before. Answers what ends that. */
  join(wake: () => void): () => void;
};

/** Events that are kept for readers who are a little behind, and bytes of what was written of them. */
const mostKept = 2_000;
const mostKeptBytes = 16_000_000;
const mostBatchBytes = 256_000;
/** How long the answer that a bearer holds is good for, in ms. */
const knownMs = 1_000;
/** Readers are woken at once, and then at most so often, in ms: a page draws what came in between together. */
const paceMs = 100;

type TailDeps = Pick<ApiDeps, 'log' | 'models' | 'logger' | 'clock'>;

type State = {
  readonly readers: Set<() => void>;
  /** Without a gap, the oldest first. */
  kept: Kept[];
  keptBytes: number;
  /** The first sequence that is, or will be, at hand; null while nothing is followed. */
  first: number | null;
  follower: { stop(): Promise<void> } | null;
  /** Counts beginnings: what an earlier one still brings is nobody's. */
  turn: number;
  isBeginning: boolean;
  /** What groups were sent, by group and position, as of the sequence of the read models at `batchesAt`. */
  readonly batches: Map<string, TailBatch>;
  batchesAt: number;
  readonly bearers: Map<string, boolean>;
  bearersAt: number;
  /** The sequence of an event that changed a bearer or a team and that the read models may not hold yet; null for none. */
  bearerMoved: number | null;
};

/** Follows nothing while nobody reads. */
export function openTail(deps: TailDeps): LiveTail {
  const { log, models, logger } = deps;
  const state: State = {
    ...{
      readers: new Set<() => void>(),
      kept: [],
      keptBytes: 0,
      first: null,
      follower: null,
      turn: 0,
      isBeginning: false,
    },
    ...{ batches: new Map<string, TailBatch>(), batchesAt: -1 },
    ...{ bearers: new Map<string, boolean>(), bearersAt: 0, bearerMoved: null },
  };
  const pace = paced(() => {
    if (state.first === null) void begin();
    for (const wake of state.readers) wake();
  });
  let unsubscribe = () => {};
  const end = () => {
    state.turn += 1;
    void state.follower?.stop();
    Object.assign(state, { kept: [], keptBytes: 0, first: null, follower: null });
    state.batches.clear();
  };
  const begin = async () => {
    if (state.isBeginning) return;
    state.isBeginning = true;
    state.turn += 1;
    const { turn } = state;
    const fail = (error: unknown) => {
      if (turn !== state.turn) return;
      logger.warn({ error: messageOf(error) }, 'events could not be sent on');
      end();
      // Each reader goes on by itself, and learns by that whether the log answers.
      for (const wake of state.readers) wake();
    };
    try {
      const from = (await log.end()) + 1;
      if (turn !== state.turn) return;
      state.first = from;
      const onEvent = (event: Recorded) => {
        if (turn === state.turn) keep(state, event);
      };
      const follower = await log.follow({ from, onEvent, onDrained: pace.wake, onError: fail });
      if (turn !== state.turn) return await follower.stop();
      state.follower = follower;
      pace.wake();
    } catch (error) {
      fail(error);
    } finally {
      state.isBeginning = false;
    }
  };
  return {
    covers: (next) => state.first !== null && next >= state.first,
    read: (next, group) => readFrom(next, { group, state, known: models.seq() }),
    isKnown: (caller) => isKnown(caller, state, deps),
    join: (wake) => {
      state.readers.add(wake);
      if (state.readers.size === 1) {
        unsubscribe = models.onCommit(pace.wake);
        void begin();
      }
      return () => {
        if (!state.readers.delete(wake) || state.readers.size > 0) return;
        unsubscribe();
        pace.stop();
        end();
      };
    },
  };
}

function keep(state: State, event: Recorded): void {
  const kept = { event, line: JSON.stringify(lineOf(event)) };
  state.kept.push(kept);
  state.keptBytes += kept.line.length;
  if (bearerEntities.has(entityOf(event))) state.bearerMoved = event.seq;
  while (state.kept.length > mostKept || (state.keptBytes > mostKeptBytes && state.kept.length > 1)) {
    const gone = state.kept.splice(0, Math.ceil(state.kept.length / 4));
    state.keptBytes -= gone.reduce((sum, { line }) => sum + line.length, 0);
    state.first = state.kept[0]?.event.seq ?? event.seq;
  }
}

const bearerEntities: ReadonlySet<string> = new Set(['token', 'team']);

function isKnown(caller: Caller, state: State, { models, clock }: TailDeps): boolean {
  const isMoved = state.bearerMoved !== null && models.seq() >= state.bearerMoved;
  if (isMoved || performance.now() - state.bearersAt > knownMs) {
    state.bearers.clear();
    state.bearersAt = performance.now();
    if (isMoved) state.bearerMoved = null;
  }
  const key = JSON.stringify([caller.name, caller.sha256, caller.owner, caller.projects]);
  const known = state.bearers.get(key) ?? isStillKnown(caller, models, clock);
  state.bearers.set(key, known);
  return known;
}

function readFrom(next: number, { group, state, known }: { group: TailGroup; state: State; known: number }): TailBatch {
  if (state.batchesAt !== known) {
    state.batches.clear();
    state.batchesAt = known;
  }
  const key = `${next} ${group.key}`;
  const made = state.batches.get(key);
  if (made) return made;
  const batch = batchFrom(next, { group, kept: state.kept, known });
  // What nobody could have been sent yet may come before the read models move again.
  if (batch.next > next) state.batches.set(key, batch);
  return batch;
}

function batchFrom(
  from: number,
  { group, kept, known }: { group: TailGroup; kept: readonly Kept[]; known: number },
): TailBatch {
  let [next, told, bytes] = [from, 0, 0];
  const parts: string[] = [];
  // Sequences grow by one but where a message was passed over: the place is there, or before.
  let at = Math.max(0, Math.min(kept.length, from - (kept[0]?.event.seq ?? from)));
  while ((kept[at - 1]?.event.seq ?? 0) >= from) at -= 1;
  for (; at < kept.length && bytes < mostBatchBytes; at += 1) {
    const one = kept[at] as Kept;
    const { event } = one;
    if (event.seq > known) break;
    next = event.seq + 1;
    if (!group.wanted(event)) continue;
    const text = group.write(one);
    bytes += text.length;
    told = event.seq;
    parts.push(text);
  }
  return { bytes: parts.length === 0 ? null : Buffer.from(parts.join('')), next, told };
}

/** Does something at once, and then at most once in a while however often it is asked for. */
function paced(act: () => void): { readonly wake: () => void; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isAsked = false;
  const rested = () => {
    timer = null;
    if (isAsked) wake();
  };
  const wake = () => {
    isAsked = timer !== null;
    if (isAsked) return;
    timer = setTimeout(rested, paceMs);
    act();
  };
  return {
    wake,
    stop: () => {
      if (timer !== null) clearTimeout(timer);
      [timer, isAsked] = [null, false];
    },
  };
}

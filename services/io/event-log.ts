import { setTimeout as wait } from 'node:timers/promises';
import type { Cause, UnopenableEvent } from '../../events/envelope.ts';
import type { Draft, EventName, Recorded } from '../../events/registry.ts';
import { isAppError } from '../floor/app-error.ts';

/** `seq` is the event's place in the log; `duplicate` when the same event was there already. */
export type Appended = { readonly seq: number; readonly eventId: string; readonly duplicate: boolean };

export type AppendOptions = {
  /** The last sequence that this event's subject (entity id and event name) is known to have, 0 for never. */
  readonly expect?: number;
  readonly cause?: Cause;
  /** A given id instead of a derived or random one (an Idempotency-Key). */
  readonly eventId?: string;
  /** False: answer as soon as the server has it, before it is on disk. For facts on which nobody outside relies. */
  readonly durable?: boolean;
};

/** Stops following; resolves when no callback runs any more. */
export type Follower = { stop(): Promise<void>; readonly lastSeq: () => number };

export type FollowOptions = {
  /** The first sequence wanted. */
  readonly from: number;
  /** One subject filter; the whole log without. */
  readonly filter?: string;
  /** How many events are asked for in advance: who stops soon says how many it wants. */
  readonly ahead?: number;
  /** Called in order of sequence, never twice for one, never with a gap; a throw stops the follower. */
  readonly onEvent: (event: Recorded) => void;
  /** Called when what had arrived so far has been handed over. */
  readonly onDrained?: () => void;
  /**
   * Called when a message cannot be opened and nobody has passed it over. Following goes on behind it, and `onPassed` is called,
   * once an EventQuarantined says so; without this it ends by `onError`.
   */
  readonly onStuck?: (error: UnopenableEvent) => void;
  readonly onPassed?: (seq: number) => void;
  /** Called once when following ends by an error: an event that cannot be opened, a gap, a throw of onEvent. */
  readonly onError: (error: unknown) => void;
};

/** The log of events. One contract, held by JetStream and, in tests, by memory. */
export type EventLog = {
  /**
   * Appends one event; resolves when it is on disk. Throws AppError('conflict') when `expect` does not hold, ('too_large')
   * over the size of a message, ('unavailable') when the log does not answer. Data that does not fit is an UnopenableEvent.
   */
  append<N extends EventName>(draft: Draft<N>, options?: AppendOptions): Promise<Appended>;
  /** The last event of an entity with this name, or null. */
  last<N extends EventName>(type: N, id: string): Promise<Recorded<N> | null>;
  /** The first event of an entity with this name, or null. */
  first<N extends EventName>(type: N, id: string): Promise<Recorded<N> | null>;
  /** The event at a sequence, or null; also null for a message that was passed over. Throws UnopenableEvent. */
  at(seq: number): Promise<Recorded | null>;
  /** The message at a sequence as it lies there, or null. */
  raw(seq: number): Promise<{ readonly subject: string; readonly payload: Uint8Array } | null>;
  /** The sequence of the last event of all, or of the last one that a subject filter takes; 0 for none. */
  end(filter?: string): Promise<number>;
  follow(options: FollowOptions): Promise<Follower>;
  /** Resolves when everything appended so far is on disk: call it before an effect on the outside world. */
  flush(): Promise<void>;
};

/**
 * `appended`: the log holds the event, by this call or, with `duplicate`, by an earlier one of the same cause. `there`:
 * the subject was not at `expect`, and `event` is the newest of it.
 */
type AppendedOnce<N extends EventName> =
  | ({ readonly outcome: 'appended' } & Appended)
  | { readonly outcome: 'there'; readonly seq: number; readonly event: Recorded<N> };

/** Another server than the one that took the event may answer, and be behind it for so long, in ms. */
const behindMs = [0, 50, 200, 1_000];

/**
 * Appends an event unless its subject has moved on since `expect`: of many who do the same thing at once, one does it.
 * With either answer the log holds an event of that subject, on disk unless `durable` is false. Throws what `append`
 * throws, but 'conflict' only when the log does not show the event that stands in the way.
 */
export async function appendOnce<N extends EventName>(
  log: Pick<EventLog, 'append' | 'last' | 'flush'>,
  draft: Draft<N>,
  options: AppendOptions & { readonly expect: number },
): Promise<AppendedOnce<N>> {
  try {
    return { outcome: 'appended', ...(await log.append(draft, options)) };
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
    for (const ms of behindMs) {
      if (ms > 0) await wait(ms);
      const event = await log.last(draft.type, draft.id);
      if (event === null || event.seq <= options.expect) continue;
      if (options.durable !== false) await log.flush();
      return { outcome: 'there', seq: event.seq, event };
    }
    throw error;
  }
}

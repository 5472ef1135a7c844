import { setTimeout as wait } from 'node:timers/promises';
import { JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import { backoffMs } from '../../../../events/backoff.ts';
import { open, type Sealed, seal, UnopenableEvent } from '../../../../events/envelope.ts';
import type { Draft, EventName, Recorded } from '../../../../events/registry.ts';
import { eventStream, maxEventBytes } from '../../../../events/streams.ts';
import { subjectOf } from '../../../../events/subjects.ts';
import { currentActor } from '../../../floor/actor.ts';
import { AppError, isAppError, messageOf } from '../../../floor/app-error.ts';
import { type Clock, systemClock } from '../../../floor/clock.ts';
import type { Appended, EventLog, FollowOptions } from '../../event-log.ts';
import type { Nats } from '../connection.ts';
import { followEvents } from './follow-events.ts';
import { followStream, lastSequence } from './follow-stream.ts';
import { headerReaderOf } from './header-reader.ts';
import { openPublisher } from './publisher.ts';
import { openTrust } from './sequence-trust.ts';
import type { StoreSync } from './store-sync.ts';

type JetStreamLogOptions = {
  readonly nats: Nats;
  /** `ce-source` of what is appended here, such as `/crafting-table/api`. */
  readonly source: string;
  /** Present when the server's store is ours to sync. */
  readonly sync: StoreSync | null;
  /** What stamps events. */
  readonly clock?: Clock;
  /** For how long an append is tried again while the server is away, in ms. */
  readonly patienceMs?: number;
};

const wrongLastSequence = new Set([10071, 10164]);
const busy = new Set([10158]);

/** The event log on JetStream. */
export function openEventLog(options: JetStreamLogOptions): EventLog {
  const { nats, source, sync, clock = systemClock, patienceMs = 15_000 } = options;
  const publisher = openPublisher(nats.connection);
  const flush = () => sync?.flush() ?? Promise.resolve();

  const trust = openTrust(nats);

  const publish = async (sealed: Sealed, expect: number | undefined): Promise<Appended> => {
    const headers = {
      ...sealed.headers,
      'Nats-Msg-Id': sealed.id,
      ...(expect === undefined ? {} : { 'Nats-Expected-Last-Subject-Sequence': String(expect) }),
    };
    const deadline = performance.now() + patienceMs;
    let doubted = false;
    for (let tries = 1; ; tries += 1) {
      const newest = trust.newest();
      try {
        const stored = await publisher.publish(sealed.subject, sealed.payload, headers, 2_000);
        if (!doubted && trust.believes(stored, newest)) return { ...stored, eventId: sealed.id };
        const found = await trust.readBack(sealed, stored.seq);
        if (found) return { seq: found, duplicate: stored.duplicate, eventId: sealed.id };
      } catch (error) {
        const failure = appendFailure(error, sealed.subject);
        // nats-server 2.15 looks at the sequence before it looks for a repetition: what stands in the way may be this very event.
        const isInTheWay = failure.code === 'conflict' && expect !== undefined;
        const found = isInTheWay ? await trust.storedAfter(sealed, expect).catch(() => null) : 0;
        if (found) return { seq: found, duplicate: true, eventId: sealed.id };
        if ((failure.code !== 'unavailable' && found !== null) || performance.now() > deadline) throw failure;
        trust.doubt();
      }
      if (performance.now() > deadline)
        throw new AppError('unavailable', 'The log does not show what it took just now.');
      doubted = true;
      // Stored or not: the same id makes a second append of it the first.
      await wait(backoffMs(tries, { firstMs: 20, longestMs: 500 }));
    }
  };

  const isPassed = async (seq: number): Promise<boolean> => {
    const subject = subjectOf('EventQuarantined', String(seq));
    return (await directGet(nats, { last_by_subj: subject })) !== null;
  };
  return {
    append: async (draft, { expect, cause, eventId, durable = true } = {}) => {
      const sealed = seal(draft as Draft, {
        source,
        actor: currentActor(),
        now: new Date(clock.now()),
        ...(cause ? { cause } : {}),
        ...(eventId ? { eventId } : {}),
      });
      const bytes = Buffer.byteLength(sealed.payload);
      if (bytes > maxEventBytes)
        throw new AppError('too_large', `${draft.type} would take ${bytes} bytes; ${maxEventBytes} fit.`);
      const appended = await publish(sealed, expect);
      if (durable) await flush();
      return appended;
    },
    last: async <N extends EventName>(type: N, id: string) => {
      const stored = await directGet(nats, { last_by_subj: subjectOf(type, id) });
      return stored as Recorded<N> | null;
    },
    first: async <N extends EventName>(type: N, id: string) => {
      const stored = await directGet(nats, { seq: 1, next_by_subj: subjectOf(type, id) });
      return stored as Recorded<N> | null;
    },
    at: async (seq) => {
      try {
        return await directGet(nats, { seq });
      } catch (error) {
        if (error instanceof UnopenableEvent && (await isPassed(seq))) return null;
        throw error;
      }
    },
    raw: async (seq) => {
      const stored = await answered(nats.jsm.direct.getMessage(eventStream.name, { seq }));
      return stored ? { subject: stored.subject, payload: stored.data } : null;
    },
    end: (filter) => answered(lastSequence(nats, eventStream.name, filter)),
    follow: async (options) => followEvents({ follow: (one) => followOnce(nats, one), isPassed }, options),
    flush,
  };
}

function appendFailure(error: unknown, subject: string): AppError {
  if (isAppError(error)) return error;
  if (error instanceof JetStreamApiError) {
    const { code, err_code: errCode } = error.apiError();
    if (wrongLastSequence.has(errCode)) return new AppError('conflict', `${subject} has moved on.`, { cause: error });
    if (code === 400 && errCode === 10054)
      return new AppError('too_large', 'The event is larger than the log takes.', { cause: error });
    if (code < 500 && !busy.has(errCode))
      return new AppError('internal', `The log refused an event: ${error.message}`, { cause: error });
  }
  return new AppError('unavailable', `The log does not take events at the moment: ${messageOf(error)}.`, {
    cause: error,
  });
}

/** A question that the server does not answer is our `unavailable`, whatever the client calls it. */
async function answered<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (cause) {
    throw new AppError('unavailable', `The log does not answer at the moment: ${messageOf(cause)}.`, { cause });
  }
}

type Place = { last_by_subj: string } | { seq: number } | { seq: number; next_by_subj: string };

async function directGet(nats: Nats, query: Place): Promise<Recorded | null> {
  const stored = await answered(nats.jsm.direct.getMessage(eventStream.name, query));
  if (!stored) return null;
  return open({
    subject: stored.subject,
    seq: stored.seq,
    payload: stored.string(),
    header: headerReader(stored.header),
  });
}

function headerReader(header: MsgHdrs | undefined): (name: string) => string {
  return (name) => header?.get(name) ?? '';
}

async function followOnce(nats: Nats, options: FollowOptions) {
  const { from, filter, ahead, onEvent, onDrained, onError } = options;
  return followStream(nats, {
    stream: eventStream.name,
    from,
    filter,
    ...(ahead ? { ahead } : {}),
    onMessage: (message: JsMsg, seq: number) =>
      onEvent(open({ subject: message.subject, seq, payload: message.string(), header: headerReaderOf(message) })),
    onDrained,
    onError,
  });
}

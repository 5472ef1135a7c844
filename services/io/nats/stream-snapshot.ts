import { type ConsumerMessages, DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import { Match, type MsgHdrs, headers as natsHeaders } from '@nats-io/transport-node';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { Nats } from './connection.ts';
import { openPublisher } from './log/publisher.ts';

/**
 * Streams as messages, not as the server's own snapshots of them ($JS.API.STREAM.SNAPSHOT). Those are faster. But they end
 * where they like: of nats-server 2.9.10 one that said 100,001 restored 100,195 messages. They hold up appends, and bring the
 * settings of the stream along. Nothing but that server can check them.
 */

/** A message as a stream holds it, with every header that its writer gave it. */
export type StoredMessage = {
  readonly seq: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
};

/** The sequences that a stream holds; `last` is that of the last message ever, `first` is above it when there is none. */
export type StreamRange = { readonly first: number; readonly last: number };

/** Messages that may be on their way while nobody takes them. By bytes, the client would ask anew after every message. */
const usual = 256;
/** The same of events, which are small: at a busy machine, waiting for the next ones is what takes the time. */
export const aheadOfEvents = 1000;
/** Messages, and bytes of them, that may wait for the server's word. */
const window = { messages: 256, bytes: 4 * 1024 * 1024 };
/** How long a stream may say nothing before reading it is given up, in ms; and before the next message is asked for by itself. */
const patience = 15_000;
const doubtful = 1_000;
/** The same for a consumer that has given something: another one takes over. */
const patienceAgain = 5_000;

type Stalling = { readonly isLost: () => Promise<boolean>; readonly patience: () => number };

/** The name of the error for a message that the store holds no more, or not as it was written: its damage, not an outage. */
export const unreadable = 'message_unreadable';

/** Throws AppError('unavailable') when the stream does not answer. */
export async function rangeOf({ jsm }: Nats, stream: string): Promise<StreamRange> {
  const { state } = await answered(stream, jsm.streams.info(stream));
  return { first: Math.max(1, state.first_seq), last: state.last_seq };
}

/** The same of a stream that may not be there: an empty one then. */
export async function rangeOrNone(nats: Nats, stream: string): Promise<StreamRange> {
  const there = await answered(stream, hasStream(nats, stream));
  return there ? rangeOf(nats, stream) : { first: 1, last: 0 };
}

const noSuchStream = 10059;

async function hasStream({ jsm }: Nats, stream: string): Promise<boolean> {
  try {
    await jsm.streams.info(stream);
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === noSuchStream) return false;
    throw error;
  }
}

/**
 * Reads a part of a stream in order; no faster than it is taken. Throws AppError('unavailable') when it stalls; of name
 * `message_unreadable` where the store itself cannot give the next message.
 */
export async function* readRange(
  nats: Nats,
  stream: string,
  { first, last }: StreamRange,
  ahead = usual,
): AsyncGenerator<StoredMessage> {
  for (let from = first; from <= last; ) {
    const reached = yield* readOnce(nats, stream, { first: from, last }, ahead);
    if (reached >= last) return;
    const next = reached + 1;
    if (await isLost(nats, stream, next))
      throw new AppError('unavailable', `${stream}: message ${next} of ${last} cannot be read: its store is damaged.`, {
        name: unreadable,
      });
    // A consumer of which the server lost hold is made anew, as long as it gets somewhere.
    if (reached < from) throw new AppError('unavailable', `${stream} stopped answering at ${reached} of ${last}.`);
    from = next;
  }
}

/** Reads with one consumer; answers the last sequence that it gave. */
async function* readOnce(
  nats: Nats,
  stream: string,
  { first, last }: StreamRange,
  ahead: number,
): AsyncGenerator<StoredMessage, number> {
  const consumer = await answered(
    stream,
    nats.js.consumers.get(stream, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: first }),
  );
  const messages = await answered(stream, consumer.consume({ max_messages: ahead, expires: 2_000 }));
  let reached = first - 1;
  const stall = stallOf(messages, {
    isLost: () => isLost(nats, stream, reached + 1),
    patience: () => (reached < first ? patience : patienceAgain),
  });
  try {
    for await (const message of messages) {
      stall.pause();
      const { streamSequence: seq, pending } = message.info;
      if (seq <= last) yield storedOf(message, seq);
      reached = seq;
      if (seq >= last || pending === 0) return Math.max(seq, last);
      stall.begin();
    }
  } finally {
    stall.end();
    await messages.close();
  }
  return reached;
}

/** Whether the server answers, and has no such message. */
async function isLost({ jsm }: Nats, stream: string, seq: number): Promise<boolean> {
  try {
    return (await jsm.streams.getMessage(stream, { seq })) === null;
  } catch (error) {
    return error instanceof JetStreamApiError;
  }
}

/** Ends a reading that hears nothing any more. The clock stands while the reader is busy with what it has. */
function stallOf(messages: ConsumerMessages, { isLost, patience }: Stalling) {
  let waitingSince = performance.now();
  const watch = setInterval(() => {
    const waited = performance.now() - waitingSince;
    if (waited > patience()) messages.stop();
    else if (waited > doubtful)
      void isLost().then((lost) => {
        if (lost && performance.now() - waitingSince > doubtful) messages.stop();
      });
  }, doubtful / 2);
  return {
    begin: () => {
      waitingSince = performance.now();
    },
    pause: () => {
      waitingSince = Number.POSITIVE_INFINITY;
    },
    end: () => clearInterval(watch),
  };
}

function storedOf(message: JsMsg, seq: number): StoredMessage {
  const headers: Record<string, string> = {};
  for (const [name, values] of message.headers ?? []) headers[name] = values[0] ?? '';
  return { seq, subject: message.subject, headers, data: message.data };
}

/**
 * Writes messages into an empty stream, each at the sequence that it had. A gap means that all before it had expired by
 * then, and it expires here too. Throws AppError('internal') when the server gives one another sequence, ('unavailable')
 * when it does not answer or, where nothing may expire, takes no gap.
 */
export async function writeInOrder(nats: Nats, stream: string, messages: AsyncIterable<StoredMessage>): Promise<void> {
  const publisher = openPublisher(nats.connection);
  let next = 1;
  let waiting: StoredMessage[] = [];
  let bytes = 0;
  // One connection keeps the order, so the place of the last of them tells whether all are there.
  const send = async () => {
    const last = waiting.pop();
    if (last === undefined) return;
    for (const { subject, headers, data } of waiting)
      nats.connection.publish(subject, data, { headers: headersOf(headers) });
    const { seq } = await answered(stream, publisher.publish(last.subject, last.data, last.headers, patience));
    if (seq !== last.seq) throw new AppError('internal', `${stream} took message ${last.seq} as ${seq}.`);
    waiting = [];
    bytes = 0;
  };
  for await (const message of messages) {
    if (message.seq < next)
      throw new AppError('invalid', `${stream} goes backwards: ${message.seq} stands where ${next} belongs.`);
    if (message.seq > next) {
      await send();
      await beginAt(nats, stream, message.seq);
    }
    next = message.seq + 1;
    waiting.push(message);
    bytes += message.data.length;
    if (waiting.length >= window.messages || bytes >= window.bytes) await send();
  }
  await send();
}

function headersOf(headers: StoredMessage['headers']): MsgHdrs {
  const named = natsHeaders();
  for (const [name, value] of Object.entries(headers)) named.set(name, value, Match.Exact);
  return named;
}

/** Lets a stream go on at a sequence, as if everything before had expired. */
export async function beginAt({ jsm }: Nats, stream: string, seq: number): Promise<void> {
  if (seq > 1) await answered(stream, jsm.streams.purge(stream, { seq }));
}

async function answered<T>(stream: string, question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (cause) {
    throw new AppError('unavailable', `${stream} does not answer: ${messageOf(cause)}.`, { cause });
  }
}

import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, createInbox, type Msg, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { open, UnopenableEvent } from '../envelope.ts';
import { receivedHeaders } from './received-headers.ts';
import { type Connection, type Delivery, type NatsAccess, SubscriptionRefused } from './subscription.ts';

/** Under what name a subscriber's account reaches the API of JetStream. */
const accountApi = '$JS.CT.API';

const batch = 500;
/** The header that every event has, and no word of the server. */
const sequence = 'Ct-Sequence';
/** Short: until then the server may hand events to a request whose process was killed. */
const expiresMs = 2_000;
/** Without a word for so long after a request has expired, the connection is dead. */
const graceMs = 5_000;
const nanosPerMs = 1_000_000;

/** A request's end: nothing there, expired, or ended by the server. */
const overCodes = new Set([404, 408, 409]);

/**
 * Events over NATS, out of the subscriber's own consumer. What an earlier connection was given and did not acknowledge is
 * asked for first: without that it would come after newer events. Asks without the client's own machinery, because a
 * subscriber may use three subjects only. One process at a time.
 */
export function overNats(access: NatsAccess): Connection {
  return async function* (_after, signal) {
    const connection = await connectAs(access);
    try {
      let given = await takeBackUnsettled(connection, access);
      while (!signal.aborted && !connection.isClosed()) {
        const turn: Turn = { given, missed: false, quiet: true };
        yield* pull(connection, access, turn, signal);
        given = turn.missed || turn.quiet ? await takeBackUnsettled(connection, access) : turn.given;
      }
    } finally {
      await hangUp(connection);
    }
  };
}

async function connectAs({ url, seed, seedFile, ca }: NatsAccess): Promise<NatsConnection> {
  const secret = seed ?? (seedFile === undefined ? undefined : await readFile(seedFile, 'utf8'));
  if (secret === undefined)
    throw new SubscriptionRefused('Expected `nats.seed` or `nats.seedFile`: the key of the subscriber.');
  return connect({
    servers: url.split(','),
    name: 'crafting-table subscriber',
    authenticator: nkeyAuthenticator(new TextEncoder().encode(secret.trim())),
    // The subscription makes a new connection itself, after the last event that it has done with.
    reconnect: false,
    timeout: 5_000,
    pingInterval: 10_000,
    maxPingOut: 2,
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
}

/** What was acknowledged last is to reach the server; one that does not answer is not waited for. */
async function hangUp(connection: NatsConnection): Promise<void> {
  if (connection.isClosed()) return;
  const patience = new AbortController();
  const late = pause(graceMs, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([connection.flush().catch(() => {}), late]);
  patience.abort();
  await connection.close();
}

type ConsumerState = {
  readonly num_ack_pending: number;
  readonly delivered: { readonly stream_seq: number; readonly consumer_seq: number };
  readonly ack_floor: { readonly stream_seq: number };
  readonly error?: { readonly description: string };
};

/** What one request brought. */
type Turn = {
  /** The number of the last message that the consumer handed to anybody. */
  given: number;
  /** Whether another request was handed messages, which are to come before those of this one. */
  missed: boolean;
  quiet: boolean;
};

/**
 * Refuses everything that is unsettled, in its order: the server hands it out again before anything else. Answers the
 * number of the last message that was handed to anybody.
 */
async function takeBackUnsettled(connection: NatsConnection, access: NatsAccess): Promise<number> {
  const { stream, consumer } = access;
  const answer = await connection.request(apiOf(access, 'INFO'), undefined, { timeout: 5_000 });
  const { num_ack_pending: unsettled, delivered, ack_floor: floor, error } = answer.json<ConsumerState>();
  if (error) throw new Error(`the consumer ${consumer} does not answer: ${error.description}`);
  if (unsettled === 0) return delivered.consumer_seq;
  // Which of them are unsettled only the server knows; it passes over the others.
  for (let seq = floor.stream_seq + 1; seq <= delivered.stream_seq; seq += 1) {
    const subject = `$JS.ACK.${stream}.${consumer}.1.${seq}.${delivered.consumer_seq}.0.0`;
    if (seq < delivered.stream_seq) connection.publish(subject, '-NAK');
    // Its answer comes when the server has done with all of them.
    else await connection.request(subject, '-NAK', { timeout: 5_000 });
  }
  return delivered.consumer_seq;
}

/**
 * The number that the consumer gave a message, out of `$JS.ACK.<stream>.<consumer>.<times>.<seq>.<number>.<time>.<pending>`;
 * newer servers may put a domain and an account before the stream.
 */
function numberOf({ reply = '' }: Msg): number {
  const words = reply.split('.');
  return Number(words[words.length > 9 ? 8 : 6]);
}

function apiOf({ stream, consumer, apiPrefix = accountApi }: NatsAccess, verb: 'INFO' | 'MSG.NEXT'): string {
  return `${apiPrefix}.CONSUMER.${verb}.${stream}.${consumer}`;
}

/**
 * One request for messages: what it brings, until it is over. The request of a process that was killed stays open at the
 * server and may be handed messages, too: then nothing more of this one is taken, since what was missed comes first.
 */
async function* pull(
  connection: NatsConnection,
  access: NatsAccess,
  turn: Turn,
  signal: AbortSignal,
): AsyncGenerator<Delivery> {
  const inbox = createInbox();
  const messages = connection.subscribe(inbox);
  const request = { batch, expires: expiresMs * nanosPerMs };
  connection.publish(apiOf(access, 'MSG.NEXT'), JSON.stringify(request), { reply: inbox });
  const giveUp = () => messages.unsubscribe();
  signal.addEventListener('abort', giveUp);
  let silent = false;
  const silence = () =>
    setTimeout(() => {
      silent = true;
      messages.unsubscribe();
    }, expiresMs + graceMs);
  let timer = silence();
  let left = batch;
  try {
    for await (const message of messages) {
      clearTimeout(timer);
      const header = receivedHeaders(message);
      const { code = 0, description = '' } = header(sequence) === '' ? (message.headers ?? {}) : {};
      if (overCodes.has(code)) return checkEnd(description, access.consumer);
      if (code === 503) throw new Error(`nobody answers for the consumer ${access.consumer}: ${description}`);
      if (code === 0) {
        turn.quiet = false;
        turn.missed ||= numberOf(message) !== turn.given + 1;
        turn.given += 1;
        if (!turn.missed) yield deliveryOf(connection, message, header);
        left -= 1;
        if (left === 0) return;
      }
      timer = silence();
    }
    if (silent) throw new Error('the server has fallen silent');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    messages.unsubscribe();
  }
}

/** Of the ends of a request only these say that another one is in vain for now. */
function checkEnd(description: string, consumer: string): void {
  if (/deleted|not found/i.test(description)) throw new Error(`the consumer ${consumer} is not there: ${description}`);
}

function deliveryOf(connection: NatsConnection, message: Msg, header: (name: string) => string): Delivery {
  const say = (word: string) => () => {
    if (message.reply && !connection.isClosed()) connection.publish(message.reply, word);
  };
  const seq = Number(header(sequence));
  const settling = { seq, done: say('+ACK'), working: say('+WPI') };
  if (!Number.isSafeInteger(seq) || seq < 1)
    throw new Error(`a message of ${message.subject} says no sequence of the log`);
  try {
    return { ...settling, event: open({ subject: header('Ct-Subject'), seq, payload: message.string(), header }) };
  } catch (error) {
    if (!(error instanceof UnopenableEvent)) throw error;
    const raw = message.string();
    return { ...settling, unknown: { seq, type: header('ce-type'), reason: error.message, raw } };
  }
}

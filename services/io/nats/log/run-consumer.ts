import { setTimeout as pause } from 'node:timers/promises';
import {
  AckPolicy,
  type ConsumerInfo,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  type Consumer as Source,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { backoffMs } from '../../../../events/backoff.ts';
import { open } from '../../../../events/envelope.ts';
import type { EventName, Recorded } from '../../../../events/registry.ts';
import { eventStream } from '../../../../events/streams.ts';
import { filterOf } from '../../../../events/subjects.ts';
import { type Consumer, drop, effectOf, type Handler, type HandlerResult, retry } from '../../../define.ts';
import { messageOf } from '../../../floor/app-error.ts';
import { appendOnce, type EventLog } from '../../event-log.ts';
import type { Log } from '../../log.ts';
import type { Nats } from '../connection.ts';
import { isLogTrouble } from '../log-trouble.ts';
import { headerReaderOf } from './header-reader.ts';
import { openRequests, type Requests } from './requests.ts';

type ConsumerDeps = {
  readonly nats: Nats;
  readonly log: EventLog;
  readonly logger: Log;
  readonly patience?: Patience;
};

export type Patience = {
  /** How long an event may go without a word before the server gives it to somebody else, in ms. */
  readonly ackWaitMs: number;
  /** Arrivals after which a consumer gives up on an event, in the open. */
  readonly maxArrivals: number;
  /** The first pause after a failure, in ms; each further one is twice as long. */
  readonly pauseMs: number;
};

type RunningConsumer = { stop(): Promise<void>; readonly inFlight: () => number };

type Part = RunningConsumer & {
  /** Asks for events anew: the server has forgotten what was asked. */
  askAgain(): void;
};

const usual: Patience = { ackWaitMs: 5_000, maxArrivals: 20, pauseMs: 400 };
/** The longest pause between two tries of what waits for somebody outside, in ms. */
const longestWaitMs = 60_000;
/** How long one request for events waits for the first of them, in ms. Each of the farm's forty costs the idle farm and its server. */
const expires = 10_000;
/** Twice as long without a sign of the server, in ms, a request is taken for lost: what a new leader in a cluster costs. */
const heartbeat = 2_000;

/** The one loop of all consumers: fetch, open, hand over, keep alive, acknowledge, abandon, and go on when the durable is lost. */
export async function runConsumer(consumer: Consumer, deps: ConsumerDeps): Promise<RunningConsumer> {
  const requests = openRequests(deps.nats.connection);
  const sayLost = sayOnce(consumer.name, deps.logger);
  const parts = await Promise.all(
    (Object.entries(consumer.on) as [EventName, Handler<EventName>][]).map(([type, handler]) =>
      runPart(consumer, type, handler, { ...deps, requests, sayLost }),
    ),
  );
  void askAgainWhenBack(deps.nats, parts);
  return {
    stop: async () => {
      await Promise.all(parts.map((part) => part.stop()));
    },
    inFlight: () => parts.reduce((sum, part) => sum + part.inFlight(), 0),
  };
}

/** A consumer has a durable for each of its events, and all lose their source at once: that is one line in ten seconds. */
function sayOnce(name: string, logger: Log) {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (error: unknown) => {
    const now = performance.now();
    if (now - saidAt < 10_000) return;
    saidAt = now;
    logger.warn({ consumer: name, error: messageOf(error) }, 'consumer lost its source, making it anew');
  };
}

/** Goes on until the connection is closed. */
async function askAgainWhenBack({ connection }: Nats, parts: readonly Part[]): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnect') for (const part of parts) part.askAgain();
}

/** One durable per event: nats-server 2.9 takes a single filter. */
async function runPart(
  { name, maxInFlight, onAbandoned }: Consumer,
  type: EventName,
  handler: Handler<EventName>,
  deps: ConsumerDeps & { requests: Requests; sayLost: (error: unknown) => void },
): Promise<Part> {
  const { nats, log, logger, requests, sayLost, patience: { ackWaitMs, maxArrivals, pauseMs } = usual } = deps;
  const durable = `${name}-${type}`;
  const busy = new Set<Promise<void>>();
  let messages: ConsumerMessages | undefined;
  let stopped = false;

  const deliver = async (message: JsMsg) => {
    const alive = setInterval(() => message.working(), ackWaitMs / 5);
    try {
      const result = await handle(message);
      if (result.next === 'done') await requests.ask(ackSubject(message), '+ACK', { timeoutMs: 5_000 });
      if (result.next === 'retry') message.nak(result.afterMs);
      if (result.next === 'wait') message.nak(waitMs(message.info.deliveryCount, result.atLeastMs));
      // Without its reason: nats-server 2.9 does not know that form, and would bring the event for ever.
      if (result.next === 'drop') message.term();
    } catch (error) {
      // What was not acknowledged comes again, and finds its work done.
      logger.debug({ consumer: name, error: messageOf(error) }, 'a delivery could not be acknowledged');
    } finally {
      clearInterval(alive);
    }
  };
  const waitMs = (deliveries: number, atLeastMs: number) =>
    Math.max(atLeastMs, backoffMs(deliveries, { firstMs: pauseMs, longestMs: longestWaitMs }));
  const handle = async (message: JsMsg): Promise<HandlerResult> => {
    const { streamSequence: seq, deliveryCount } = message.info;
    let event: Recorded;
    try {
      event = open({
        subject: message.subject,
        seq,
        payload: message.string(),
        header: headerReaderOf(message),
      });
    } catch (error) {
      return await abandon({ seq, deliveryCount }, messageOf(error));
    }
    let result: HandlerResult;
    try {
      result = await handler(event, effectOf(name, event));
    } catch (error) {
      logger.warn(
        { consumer: name, seq, type, attempt: deliveryCount, error: messageOf(error) },
        'consumer failed, will try again',
      );
      result = retry(backoffMs(deliveryCount, { firstMs: pauseMs, longestMs: 30_000 }), messageOf(error));
    }
    if (result.next === 'wait')
      logger.warn(
        { consumer: name, seq, type, attempt: deliveryCount, reason: result.reason },
        'an event waits for the outside, will try again',
      );
    return result.next === 'retry' && deliveryCount >= maxArrivals
      ? await abandon({ seq, deliveryCount, event }, result.reason)
      : result;
  };
  const abandon = async (
    { seq, deliveryCount, event }: { seq: number; deliveryCount: number; event?: Recorded },
    reason: string,
  ): Promise<HandlerResult> => {
    logger.error({ consumer: name, seq, type, attempts: deliveryCount, reason }, 'consumer gave up on an event');
    const data = {
      consumer: name,
      event_seq: seq,
      event_type: type,
      attempts: deliveryCount,
      reason: reason.slice(0, 1024),
    };
    try {
      await appendOnce(log, { type: 'DeliveryAbandoned', id: `${name}.${seq}`, data }, { expect: 0 });
      if (event) await onAbandoned?.(event, effectOf(name, event), reason);
    } catch (error) {
      return retry(5_000, messageOf(error));
    }
    return drop(reason);
  };
  /** Never asks for more than it has hands for: an event that waits here unhandled would be given to others. */
  const pull = async (source: Source) => {
    const askedAt = performance.now();
    let came = 0;
    messages = await source.fetch({ max_messages: maxInFlight - busy.size, expires, idle_heartbeat: heartbeat });
    for await (const message of messages) {
      if (stopped) return;
      came += 1;
      const one: Promise<void> = deliver(message).finally(() => busy.delete(one));
      busy.add(one);
    }
    if (came > 0 || stopped) return;
    // Throws when the durable was removed under us; an answer without a wait must not become a busy loop.
    await nats.jsm.consumers.info(eventStream.name, durable);
    if (performance.now() - askedAt < expires / 2) await pause(250);
  };
  const pump = async () => {
    const source = nats.js.consumers.getConsumerFromInfo(await ensureDurable(nats, { durable, type, ackWaitMs }));
    while (!stopped) {
      if (busy.size >= maxInFlight) await Promise.race(busy);
      else await pull(source);
    }
  };
  const keepPumping = async () => {
    while (!stopped) {
      await pump().catch((error) => {
        if (!stopped) sayLost(error);
      });
      if (!stopped) await pause(250);
    }
  };
  const pumping = keepPumping();
  return {
    inFlight: () => busy.size,
    askAgain: () => messages?.stop(),
    stop: async () => {
      stopped = true;
      messages?.stop();
      await Promise.all([...busy]);
      await pumping;
    },
  };
}

type Durable = { durable: string; type: EventName; ackWaitMs: number };

/** How often a durable is asked for: a server that has just begun, or a slow machine, answers late. */
const tries = 3;

async function ensureDurable(nats: Nats, wanted: Durable): Promise<ConsumerInfo> {
  for (let left = tries - 1; left > 0; left -= 1) {
    try {
      return await askForDurable(nats, wanted);
    } catch (error) {
      if (!isLogTrouble(error)) throw error;
    }
  }
  return await askForDurable(nats, wanted);
}

/** That there is one already is said by the server to who adds the same again. */
async function askForDurable(nats: Nats, { durable, type, ackWaitMs }: Durable): Promise<ConsumerInfo> {
  const found = await nats.jsm.consumers.info(eventStream.name, durable).catch((error: unknown) => {
    if (isLogTrouble(error)) throw error;
    return null;
  });
  if (found) return found;
  return await nats.jsm.consumers.add(eventStream.name, {
    durable_name: durable,
    filter_subject: filterOf(type),
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: 1_000,
    max_deliver: -1,
  });
}

/** Where the server hears what became of a delivery. The client has it, and leaves it out of its types. */
function ackSubject(message: JsMsg): string {
  return (message as JsMsg & { readonly reply: string }).reply;
}

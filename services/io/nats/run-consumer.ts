import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { open } from '../../../events/envelope.ts';
import type { EventName, Recorded } from '../../../events/registry.ts';
import { eventStream } from '../../../events/streams.ts';
import { filterOf } from '../../../events/subjects.ts';
import { messageOf } from '../../app-error.ts';
import { type Consumer, drop, effectOf, type Handler, retry, type Settled } from '../../define.ts';
import type { EventLog } from '../event-log.ts';
import type { Log } from '../log.ts';
import type { Nats } from './connection.ts';

export type ConsumerDeps = { readonly nats: Nats; readonly log: EventLog; readonly logger: Log };

export type RunningConsumer = { stop(): Promise<void>; readonly inFlight: () => number };

/** How long an event may go without a word before the server gives it to somebody else, in ms. */
const ackWait = 5_000;
/** Arrivals after which a consumer gives up on an event, in the open. */
const maxArrivals = 20;

/** The one loop of all consumers: fetch, open, hand over, keep alive, settle, abandon, and watch that it goes on. */
export async function runConsumer(consumer: Consumer, deps: ConsumerDeps): Promise<RunningConsumer> {
  const parts = await Promise.all(
    (Object.entries(consumer.on) as [EventName, Handler<EventName>][]).map(([type, handler]) =>
      runPart(consumer, type, handler, deps),
    ),
  );
  return {
    stop: async () => {
      await Promise.all(parts.map((part) => part.stop()));
    },
    inFlight: () => parts.reduce((sum, part) => sum + part.inFlight(), 0),
  };
}

/** One durable per event: nats-server 2.9 takes a single filter. */
async function runPart(
  { name, maxInFlight }: Consumer,
  type: EventName,
  handler: Handler<EventName>,
  deps: ConsumerDeps,
): Promise<RunningConsumer> {
  const { nats, log, logger } = deps;
  const durable = `${name}-${type}`;
  const busy = new Set<Promise<void>>();
  let messages: ConsumerMessages | undefined;
  let stopped = false;
  let activeAt = Date.now();

  const deliver = async (message: JsMsg) => {
    const alive = setInterval(() => message.working(), ackWait / 5);
    try {
      const settled = await handle(message);
      activeAt = Date.now();
      if (settled.next === 'done') await message.ackAck({ timeout: 5_000 }).catch(() => {});
      if (settled.next === 'retry') message.nak(settled.afterMs);
      if (settled.next === 'drop') message.term(settled.reason);
    } finally {
      clearInterval(alive);
    }
  };
  const handle = async (message: JsMsg): Promise<Settled> => {
    const { streamSequence: seq, deliveryCount } = message.info;
    let event: Recorded;
    try {
      event = open({
        subject: message.subject,
        seq,
        payload: message.string(),
        header: (one) => message.headers?.get(one) ?? '',
      });
    } catch (error) {
      return await abandon({ seq, deliveryCount }, messageOf(error));
    }
    let settled: Settled;
    try {
      settled = await handler(event, effectOf(name, event));
    } catch (error) {
      logger.warn(
        { consumer: name, seq, type, attempt: deliveryCount, error: messageOf(error) },
        'consumer failed, will try again',
      );
      settled = retry(Math.min(200 * 2 ** deliveryCount, 30_000), messageOf(error));
    }
    return settled.next === 'retry' && deliveryCount >= maxArrivals
      ? await abandon({ seq, deliveryCount }, settled.reason)
      : settled;
  };
  const abandon = async (
    { seq, deliveryCount }: { seq: number; deliveryCount: number },
    reason: string,
  ): Promise<Settled> => {
    logger.error({ consumer: name, seq, type, attempts: deliveryCount, reason }, 'consumer gave up on an event');
    const data = {
      consumer: name,
      event_seq: seq,
      event_type: type,
      attempts: deliveryCount,
      reason: reason.slice(0, 1024),
    };
    try {
      await log.append({ type: 'DeliveryAbandoned', id: `${name}.${seq}`, data }, { expect: 0 });
    } catch (error) {
      if (!/moved on/.test(messageOf(error))) return retry(5_000, messageOf(error));
    }
    return drop(reason);
  };
  const pump = async () => {
    await ensureDurable(nats, durable, type);
    const source = await nats.js.consumers.get(eventStream.name, durable);
    messages = await source.consume({ max_messages: maxInFlight, expires: 5_000 });
    for await (const message of messages) {
      if (stopped) break;
      activeAt = Date.now();
      const one: Promise<void> = deliver(message).finally(() => busy.delete(one));
      busy.add(one);
      if (busy.size >= maxInFlight) await Promise.race(busy);
    }
  };
  const keepPumping = async () => {
    while (!stopped) {
      await pump().catch((error) => {
        if (!stopped)
          logger.warn({ consumer: name, error: messageOf(error) }, 'consumer lost its source, making it anew');
      });
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, 250).unref());
    }
  };
  const watch = async () => {
    if (stopped || busy.size > 0 || Date.now() - activeAt < 10_000) return;
    activeAt = Date.now();
    const info = await nats.jsm.consumers.info(eventStream.name, durable).catch(() => null);
    if (info === null || info.num_pending > 0) messages?.stop();
  };
  const watchdog = setInterval(() => void watch(), 2_500);
  watchdog.unref();
  const pumping = keepPumping();
  return {
    inFlight: () => busy.size,
    stop: async () => {
      stopped = true;
      clearInterval(watchdog);
      messages?.stop();
      await Promise.all([...busy]);
      await pumping;
    },
  };
}

async function ensureDurable(nats: Nats, durable: string, type: EventName): Promise<void> {
  const exists = await nats.jsm.consumers.info(eventStream.name, durable).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await nats.jsm.consumers.add(eventStream.name, {
    durable_name: durable,
    filter_subject: filterOf(type),
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWait),
    max_ack_pending: 1_000,
    max_deliver: -1,
  });
}

import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { subscriberStream } from '../../../../events/streams.ts';
import { fromSubjectToken, subjectToken } from '../../../../events/subjects.ts';
import { AppError, messageOf } from '../../../floor/app-error.ts';
import type { Nats } from '../connection.ts';

/** How long a message that was handed over may go unacknowledged before it comes again, in ms. */
const ackWaitMs = 30_000;

/** A subscriber's name as one token of subjects and consumers. */
export const subscriberToken = subjectToken;

/** The subject on which lies what a subscriber is to hear. */
export const subscriberSubject = (name: string) => `ct-sub.${subjectToken(name)}`;

/** The durable consumer from which it takes that. */
export const subscriberConsumer = (name: string) => `sub-${subjectToken(name)}`;

/** The subjects of JetStream that serve this one consumer. */
export function subjectsOfSubscriber(name: string) {
  const consumer = `${subscriberStream.name}.${subscriberConsumer(name)}`;
  return {
    info: `$JS.API.CONSUMER.INFO.${consumer}`,
    next: `$JS.API.CONSUMER.MSG.NEXT.${consumer}`,
    acks: `$JS.ACK.${consumer}.>`,
  };
}

/** Makes a subscriber's consumer when it is missing. Throws AppError('unavailable'). */
export async function ensureSubscriberConsumer({ jsm }: Nats, name: string): Promise<void> {
  const durable = subscriberConsumer(name);
  try {
    if (await found(jsm.consumers.info(subscriberStream.name, durable))) return;
    await jsm.consumers.add(subscriberStream.name, {
      durable_name: durable,
      filter_subject: subscriberSubject(name),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: 10_000,
      max_waiting: 64,
      max_deliver: -1,
    });
  } catch (cause) {
    throw new AppError('unavailable', `The consumer of ${name} cannot be made: ${messageOf(cause)}.`, { cause });
  }
}

/** Removes the consumer of a subscriber, and what was delivered to it before the event at `before`. Both may be gone already. */
export async function eraseSubscriber(nats: Nats, name: string, before: number): Promise<void> {
  await found(nats.jsm.consumers.delete(subscriberStream.name, subscriberConsumer(name)));
  await eraseDelivered(nats, name, before);
}

/** The last delivery to a subscriber, as the server has it. */
export type LastDelivery = {
  /** The last message stored for it, 0 for none. */
  readonly stored: number;
  /** The sequence in the log of what that message tells, 0 for none. */
  readonly seq: number;
  /** The SubscriberAdded by which it was delivered. */
  readonly generation: number;
};

export async function lastDelivery({ jsm }: Nats, name: string): Promise<LastDelivery> {
  const last = await jsm.direct.getMessage(subscriberStream.name, { last_by_subj: subscriberSubject(name) });
  if (!last) return { stored: 0, seq: 0, generation: 0 };
  const numberOf = (header: string) => Number(last.header.get(header));
  return { stored: last.seq, seq: numberOf('Ct-Sequence'), generation: numberOf('Ct-Generation') };
}

/** Erases what was delivered to a subscriber because it was added before the event at `before`; never what came after. */
export async function eraseDelivered(nats: Nats, name: string, before: number): Promise<void> {
  const last = await lastDelivery(nats, name);
  if (last.stored === 0 || last.generation >= before) return;
  await nats.jsm.streams.purge(subscriberStream.name, { filter: subscriberSubject(name), seq: last.stored + 1 });
}

/** How many messages a subscriber has not acknowledged yet, or null when its consumer is not there. */
export async function waitingFor({ jsm }: Nats, name: string): Promise<number | null> {
  const info = await found(jsm.consumers.info(subscriberStream.name, subscriberConsumer(name)));
  return info && info.num_pending + info.num_ack_pending;
}

/** Names of all subscribers that have a consumer. */
export async function subscriberConsumers({ jsm }: Nats): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of jsm.consumers.list(subscriberStream.name))
    if (name.startsWith('sub-')) names.push(fromSubjectToken(name.slice(4)));
  return names;
}

async function found<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question;
  } catch (error) {
    if (/not found/i.test(messageOf(error))) return null;
    throw error;
  }
}

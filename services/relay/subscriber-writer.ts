import { keyedLock } from '../floor/keyed-lock.ts';
import { type LastDelivery, subscriberSubject } from '../io/nats/accounts/subscriber-stream.ts';
import type { Nats } from '../io/nats/connection.ts';
import { headerLines, openPublisher } from '../io/nats/log/publisher.ts';
import type { LogMessage } from './log-message.ts';

export type SubscriberWriter = {
  /**
   * Stores messages for a subscriber after the last one that it was told: a beginning of them, or all. Answers the last
   * message stored; throws when not all were: how far it came is to be asked then.
   */
  append(name: string, after: LastDelivery, messages: readonly LogMessage[]): Promise<LastDelivery>;
};

/** How long the server may take to answer for one message, in ms. */
const patience = 5_000;

/**
 * Writes what subscribers are to hear. The first message of a batch is stored only after the last one known of its
 * subscriber. Each further one is stored only directly after its predecessor, whose id the server knows. So a batch goes out
 * without waits. Whatever a second relay or an outage takes, what is stored is a beginning of it. One batch at a time, or two of ours would stand between each other's messages.
 */
export function openSubscriberWriter(nats: Nats): SubscriberWriter {
  const publisher = openPublisher(nats.connection);
  const withLock = keyedLock();

  const append = async (name: string, after: LastDelivery, messages: readonly LogMessage[]): Promise<LastDelivery> => {
    const subject = subscriberSubject(name);
    let before: string | null = null;
    const answers = messages.map((message) => {
      const id = messageId(name, after.generation, message);
      const fence: Record<string, string> =
        before === null
          ? { 'Nats-Expected-Last-Subject-Sequence': String(after.stored) }
          : { 'Nats-Expected-Last-Msg-Id': before };
      before = id;
      const ours = headerLines({
        'Ct-Sequence': String(message.seq),
        'Ct-Subject': message.subject,
        'Ct-Generation': String(after.generation),
        'Nats-Msg-Id': id,
        ...fence,
      });
      // Ours first: the server takes the first place that reads like a header of its own, be it inside a value.
      return publisher.publish(subject, message.payload, ours + message.headerLines(), patience);
    });
    await Promise.allSettled(answers);
    const all = await Promise.all(answers);
    return { ...after, stored: all.at(-1)?.seq ?? after.stored, seq: messages.at(-1)?.seq ?? after.seq };
  };
  return { append: (name, after, messages) => withLock('', () => append(name, after, messages)) };
}

/** With the sequence: an id of an event may come again in the log, outside its window, and here follow at once. */
function messageId(name: string, generation: number, message: LogMessage): string {
  return `${message.eventId()}.${message.seq}.${name}.${generation}`;
}

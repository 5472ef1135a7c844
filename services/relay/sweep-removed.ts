import type { EventLog } from '../io/event-log.ts';
import { eraseSubscriber, subscriberConsumers } from '../io/nats/accounts/subscriber-stream.ts';
import type { Nats } from '../io/nats/connection.ts';

/** Erases what is left of subscribers that were removed while nobody was there to do it. */
export async function sweepRemoved({ nats, log }: { nats: Nats; log: EventLog }): Promise<void> {
  for (const name of await subscriberConsumers(nats)) {
    const [added, removed] = await Promise.all([
      log.last('SubscriberAdded', name),
      log.last('SubscriberRemoved', name),
    ]);
    // One that the log does not know is not ours to remove.
    if (removed && removed.seq > (added?.seq ?? 0)) await eraseSubscriber(nats, name, removed.seq);
  }
}

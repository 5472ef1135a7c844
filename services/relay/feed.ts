import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../../events/backoff.ts';
import { subscriberStream } from '../../events/streams.ts';
import type { SubscriberDoc } from '../../projections/people/guests.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import {
  ensureSubscriberConsumer,
  eraseDelivered,
  type LastDelivery,
  lastDelivery,
} from '../io/nats/accounts/subscriber-stream.ts';
import type { Nats } from '../io/nats/connection.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import { feedPosition } from './feed-position.ts';
import { isWanted, type LogMessage } from './log-message.ts';
import type { SubscriberWriter } from './subscriber-writer.ts';

/** Messages that may wait to be stored, and how many bytes of them. */
const longestQueue = 2_000;
const largestQueue = 16_000_000;
/** Messages, and bytes, that go out without a wait between them. */
const batchSize = 500;
const batchBytes = 4_000_000;

type FeedDeps = {
  readonly nats: Nats;
  readonly log: EventLog;
  readonly hints: Bucket;
  readonly writer: SubscriberWriter;
  readonly logger: Log;
  readonly clock: Clock;
  readonly retentionMs: number;
  /** Called when messages that were refused can be taken again. */
  readonly onRoom: (feed: Feed) => void;
};

/** What one subscriber is to hear, on its way to it. */
export type Feed = {
  readonly subscriber: SubscriberDoc;
  /** The sequence of the log that it wants next. */
  readonly next: () => number;
  /** Takes the message it wants next; false when there is no room for it. Others are passed over. */
  offer(message: LogMessage): boolean;
  /** Keeps in mind how far it is. */
  save(): Promise<void>;
  /** Resolves when nothing is on its way any more. */
  stop(): Promise<void>;
};

/** Opens a subscriber's feed where it was left, or anew when it was added again. */
export async function openFeed(subscriber: SubscriberDoc, deps: FeedDeps): Promise<Feed> {
  const { nats, log, hints, writer, logger, retentionMs, onRoom } = deps;
  const { name, seq: generation, hearing } = subscriber;
  const position = feedPosition(hints, subscriber, retentionMs, deps.clock);
  const queue: LogMessage[] = [];
  let queuedBytes = 0;
  let refused = false;
  let stopped = false;
  let pumping: Promise<void> | undefined;
  let delivered: LastDelivery;
  let seen: number;

  /** What the server holds for this generation; what an older one was given is erased first. */
  const reload = async () => {
    await eraseDelivered(nats, name, generation);
    const last = await lastDelivery(nats, name);
    if (last.generation > generation) throw new Error(`${subscriberStream.name} is ahead: ${name} was added again`);
    return { ...last, generation };
  };
  const forget = (count: number) => {
    for (const { payload } of queue.splice(0, count)) queuedBytes -= payload.length;
  };
  const batch = () => {
    let bytes = 0;
    const end = queue.slice(0, batchSize).findIndex(({ payload }, at) => {
      bytes += payload.length;
      return at > 0 && bytes > batchBytes;
    });
    return queue.slice(0, end < 0 ? batchSize : end);
  };
  /** Whether this is how the subscriber was added last. */
  const isCurrent = async () => {
    const [added, removed] = await Promise.all([
      log.last('SubscriberAdded', name),
      log.last('SubscriberRemoved', name),
    ]);
    return added?.seq === generation && (removed?.seq ?? 0) < generation;
  };
  const store = async () => {
    // With nothing there yet, nothing there would refuse what is told by an addition that holds no more.
    if (delivered.stored === 0 && !(await isCurrent())) stopped = true;
    if (stopped) return;
    const messages = batch();
    delivered = await writer.append(name, delivered, messages);
    forget(messages.length);
  };
  /** Another relay was faster, or the server was away: what is stored counts, and what is not is sent again. */
  const recover = async () => {
    if (!(await isCurrent())) stopped = true;
    if (stopped) return;
    delivered = await reload();
    const rest = queue.findIndex(({ seq }) => seq > delivered.seq);
    forget(rest < 0 ? queue.length : rest);
    seen = Math.max(seen, delivered.seq);
  };
  const pump = async () => {
    for (let failures = 0; queue.length > 0 && !stopped; ) {
      try {
        await store();
        failures = 0;
      } catch (error) {
        failures += 1;
        logger.debug({ subscriber: name, error: messageOf(error) }, 'a subscriber could not be told, trying again');
        if (failures > 1) await pause(backoffMs(failures - 1, { firstMs: 80, longestMs: 5_000 }));
        await recover().catch(() => {});
      }
      if (refused && queue.length < longestQueue / 2) {
        refused = false;
        onRoom(feed);
      }
    }
  };
  const feed: Feed = {
    subscriber,
    next: () => seen + 1,
    offer: (message) => {
      if (message.seq !== seen + 1 || stopped) return true;
      if (isWanted(hearing, message)) {
        if (queue.length >= longestQueue || queuedBytes >= largestQueue) {
          refused = true;
          return false;
        }
        queue.push(message);
        queuedBytes += message.payload.length;
        pumping ??= Promise.resolve()
          .then(pump)
          .finally(() => {
            pumping = undefined;
          });
      }
      seen = message.seq;
      return true;
    },
    save: () => position.write({ seq: (queue[0]?.seq ?? seen + 1) - 1, delivered: delivered.seq }),
    stop: async () => {
      stopped = true;
      await pumping;
    },
  };
  await ensureSubscriberConsumer(nats, name);
  delivered = await reload();
  seen = (await position.read(delivered, await log.end())).seq;
  return feed;
}

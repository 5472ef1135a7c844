import { setTimeout as pause } from 'node:timers/promises';
import { eventStream } from '../../events/streams.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Follower } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { Nats } from '../io/nats/connection.ts';
import { followStream } from '../io/nats/log/follow-stream.ts';
import type { Feed } from './feed.ts';
import { type LogMessage, logMessageOf } from './log-message.ts';

/** Feeds that read for themselves at once; the others wait for their turn. */
const atOnce = 8;
/** How many messages one of them asks for in advance: fewer than it has room for when it begins to read. */
const ahead = 500;

type Behind = {
  readonly nats: Nats;
  readonly logger: Log;
  /** The last sequence that the follower of all has handed out. */
  readonly reached: () => number;
  /** Hands a message to a feed; false when it takes no more at the moment. */
  readonly offer: (feed: Feed, message: LogMessage) => boolean;
};

type Reading = { over: boolean; again: boolean; readonly ended: Promise<void>; readonly end: () => void };

/** Lets feeds that are behind read for themselves, until they are where the follower of all is. */
export function readBehind({ nats, logger, reached, offer }: Behind) {
  const waiting = new Set<Feed>();
  const readings = new Map<Feed, Reading>();

  const read = (feed: Feed): void => {
    const mine = readings.get(feed);
    if (mine) mine.again = true;
    else if (feed.next() <= reached()) waiting.add(feed);
    begin();
  };
  const begin = () => {
    for (const feed of waiting) {
      if (readings.size >= atOnce) return;
      waiting.delete(feed);
      void run(feed);
    }
  };
  const run = async (feed: Feed) => {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const { promise: ended, resolve: finish } = Promise.withResolvers<void>();
    const mine: Reading = {
      over: false,
      again: false,
      ended,
      end: () => {
        mine.over = true;
        resolve();
      },
    };
    readings.set(feed, mine);
    let follower: Follower | undefined;
    try {
      follower = await followStream(nats, {
        stream: eventStream.name,
        from: feed.next(),
        ahead,
        onMessage: (message, seq) => {
          if (!mine.over && (!offer(feed, logMessageOf(message, seq)) || feed.next() > reached())) mine.end();
        },
        onError: (error) => {
          logger.warn({ subscriber: feed.subscriber.name, error: messageOf(error) }, 'the log could not be read');
          mine.again = true;
          mine.end();
        },
      });
      await over;
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'the log does not answer a feed that is behind');
      mine.again = true;
      await pause(500, undefined, { ref: false });
    }
    await follower?.stop();
    readings.delete(feed);
    finish();
    if (mine.again) read(feed);
    else begin();
  };
  return {
    /** Has a feed read, if it is behind. */
    read,
    /** Resolves when nothing is read for it any more. */
    leave: async (feed: Feed): Promise<void> => {
      waiting.delete(feed);
      const mine = readings.get(feed);
      if (!mine) return;
      mine.end();
      await mine.ended;
      waiting.delete(feed);
    },
  };
}

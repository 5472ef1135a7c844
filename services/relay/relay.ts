import { setTimeout as wait } from 'node:timers/promises';
import { UnopenableEvent } from '../../events/envelope.ts';
import { eventStream } from '../../events/streams.ts';
import type { SubscriberDoc } from '../../projections/people/guests.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import { followStream } from '../io/nats/log/follow-stream.ts';
import type { Store } from '../io/open-store.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { afterCommits } from './after-commits.ts';
import { type Feed, openFeed } from './feed.ts';
import { type LogMessage, logMessageOf } from './log-message.ts';
import { readBehind } from './read-behind.ts';
import { openSubscriberWriter } from './subscriber-writer.ts';
import { sweepRemoved } from './sweep-removed.ts';

/** How often it is asked whether an operator has passed over a message, in ms. */
const askEveryMs = 1_000;

export type RelayDeps = Pick<Store, 'nats' | 'log' | 'hints'> & {
  readonly config: Pick<Config, 'logRetentionDays'>;
  readonly models: Pick<ReadModels, 'query' | 'onCommit'>;
  readonly logger: Log;
  readonly clock: Clock;
};

/** How often feeds keep in mind how far they are, in ms. */
const beat = 10_000;
/** What a feed may be behind at the start and still be served by the follower of all, in events. */
const near = 10_000;

/**
 * Copies to each subscriber what it is to hear, in the order of the log, once. One follower at the end of the log serves
 * all; a feed that is behind reads for itself until it is there, and holds up nobody.
 */
export async function startRelay(deps: RelayDeps): Promise<{ stop(): Promise<void> }> {
  const { nats, log, models, logger, config } = deps;
  const retentionMs = config.logRetentionDays * 24 * 3_600_000;
  const writer = openSubscriberWriter(nats);
  const feeds = new Map<string, Feed>();
  let reached = 0;

  const passed = new Set<number>();
  const stopping = new AbortController();
  const offer = (feed: Feed, message: LogMessage): boolean => {
    try {
      return feed.offer(passed.has(message.seq) ? { ...message, isPassed: true } : message);
    } catch (error) {
      const facts = { subscriber: feed.subscriber.name, seq: message.seq, error: messageOf(error) };
      logger.error(facts, 'a subscriber hears nothing more: an event is never skipped');
      void feed.stop();
      if (error instanceof UnopenableEvent) void goOnBehind(feed, message.seq);
      return false;
    }
  };
  /** Opens a feed again once an operator has passed over the message before which it stopped. */
  const goOnBehind = async (feed: Feed, seq: number) => {
    while (!stopping.signal.aborted) {
      const isPassed = await log.at(seq).then(
        (event) => event === null,
        () => false,
      );
      if (isPassed) break;
      await wait(askEveryMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
    if (stopping.signal.aborted || feeds.get(feed.subscriber.name) !== feed) return;
    passed.add(seq);
    await close(feed);
    await open(feed.subscriber).catch((error) =>
      logger.warn({ error: messageOf(error) }, 'a subscriber cannot be served'),
    );
  };
  const behind = readBehind({ nats, logger, reached: () => reached, offer });
  const open = async (subscriber: SubscriberDoc) => {
    const feed = await openFeed(subscriber, { ...deps, writer, retentionMs, onRoom: behind.read });
    feeds.set(subscriber.name, feed);
    behind.read(feed);
  };
  const close = async (feed: Feed) => {
    feeds.delete(feed.subscriber.name);
    await behind.leave(feed);
    await feed.stop();
  };
  /** Makes the feeds those of the read model. */
  const arrange = async () => {
    const wanted = new Map(
      models
        .query()
        .accounts.subscribers.list()
        .map((one) => [one.name, one]),
    );
    for (const feed of [...feeds.values()])
      if (wanted.get(feed.subscriber.name)?.seq !== feed.subscriber.seq) await close(feed);
    const missing = [...wanted.values()].filter(({ name }) => !feeds.has(name));
    const opened = await Promise.allSettled(missing.map(open));
    const failure = opened.find((one) => one.status === 'rejected');
    if (failure) throw failure.reason;
  };
  const save = () =>
    Promise.all([...feeds.values()].map((feed) => feed.save())).catch((error) =>
      logger.warn({ error: messageOf(error) }, 'how far subscribers are could not be kept'),
    );

  await sweepRemoved(deps);
  const end = await log.end();
  const arranging = await afterCommits(arrange, { models, logger, what: 'a subscriber cannot be served' });
  const nearest = [...feeds.values()].map((feed) => feed.next()).filter((next) => next > end - near);
  reached = Math.min(end + 1, ...nearest) - 1;
  const follower = await followStream(nats, {
    stream: eventStream.name,
    from: reached + 1,
    onMessage: (message, seq) => {
      reached = seq;
      const one = logMessageOf(message, seq);
      for (const feed of feeds.values()) offer(feed, one);
    },
    onError: (error) => logger.error({ error: messageOf(error) }, 'the relay stopped: the log cannot be followed'),
  });
  for (const feed of feeds.values()) behind.read(feed);
  const saving = setInterval(() => void save(), beat);
  saving.unref();
  return {
    stop: async () => {
      stopping.abort();
      clearInterval(saving);
      await arranging.stop();
      await follower.stop();
      await Promise.all([...feeds.values()].map((feed) => behind.leave(feed)));
      await Promise.all([...feeds.values()].map((feed) => feed.stop()));
      await save();
    },
  };
}

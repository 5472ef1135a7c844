import { type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { Follower } from '../event-log.ts';
import type { Nats } from './connection.ts';

export type StreamFollowing = {
  readonly stream: string;
  readonly from: number;
  readonly filter?: string | undefined;
  /** How many messages are asked for in advance; those that had come when it stops were read in vain. */
  readonly ahead?: number;
  readonly onMessage: (message: JsMsg, seq: number) => void;
  /** Called when everything that had arrived has been handed over and nothing is known to be on its way. */
  readonly onDrained?: (() => void) | undefined;
  readonly onError: (error: unknown) => void;
};

/** How long a stall may last before the consumer is made anew, in ms. */
const patience = 5_000;

/**
 * Follows a stream in order with a consumer of its own that needs no acknowledgements. Without a filter a gap in the
 * sequence is an error; a consumer that stalls is made anew from the last message seen.
 */
export async function followStream(nats: Nats, following: StreamFollowing): Promise<Follower> {
  const { stream, from, filter, ahead = 5_000, onMessage, onDrained, onError } = following;
  let lastSeq = from - 1;
  let messages: ConsumerMessages | undefined;
  let stopped = false;
  let drainPlanned = false;
  let seenAt = performance.now();

  const fail = (error: unknown) => {
    if (stopped) return;
    stopped = true;
    clearInterval(watchdog);
    messages?.stop();
    onError(error);
  };
  const drain = () => {
    drainPlanned = false;
    if (stopped) return;
    try {
      onDrained?.();
    } catch (error) {
      fail(error);
    }
  };
  const handle = (message: JsMsg) => {
    if (stopped) return;
    const { streamSequence: seq, pending } = message.info;
    seenAt = performance.now();
    if (seq <= lastSeq) return;
    if (!filter && seq !== lastSeq + 1) {
      fail(new AppError('internal', `${stream} has a gap: ${seq} follows ${lastSeq}.`));
      return;
    }
    try {
      onMessage(message, seq);
      lastSeq = seq;
    } catch (error) {
      fail(error);
      return;
    }
    if (pending === 0 && onDrained && !drainPlanned) {
      drainPlanned = true;
      setImmediate(drain);
    }
  };
  const consume = async () => {
    const consumer = await nats.js.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, lastSeq + 1),
      ...(filter ? { filter_subjects: filter } : {}),
    });
    // Short pulls: with the default expiry an ordered consumer can stall for 44 s after a server restart.
    const next = await consumer.consume({ callback: handle, max_messages: ahead, expires: 2_000 });
    if (stopped) next.stop();
    messages = next;
  };
  const restart = async () => {
    messages?.stop();
    seenAt = performance.now();
    try {
      await consume();
    } catch (error) {
      if (!stopped && /stream not found/i.test(messageOf(error))) fail(error);
    }
  };
  const watch = async () => {
    if (stopped || performance.now() - seenAt < patience) return;
    const newest = await lastSequence(nats, stream, filter).catch(() => 0);
    if (newest > lastSeq && performance.now() - seenAt >= patience) await restart();
  };
  const watchdog = setInterval(() => void watch(), patience / 2);
  watchdog.unref();
  await consume();
  return {
    lastSeq: () => lastSeq,
    stop: async () => {
      stopped = true;
      clearInterval(watchdog);
      await messages?.close();
    },
  };
}

/** The sequence of the last message of a stream, or of the last one that a filter takes; 0 for none. */
export async function lastSequence(nats: Nats, stream: string, filter: string | undefined): Promise<number> {
  if (!filter) return (await nats.jsm.streams.info(stream)).state.last_seq;
  return (await nats.jsm.direct.getMessage(stream, { last_by_subj: filter }))?.seq ?? 0;
}

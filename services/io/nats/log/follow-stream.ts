import { type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { AppError, messageOf } from '../../../floor/app-error.ts';
import type { Follower } from '../../event-log.ts';
import type { Nats } from '../connection.ts';

type StreamFollowing = {
  readonly stream: string;
  readonly from: number;
  readonly filter?: string | undefined;
  /** How many messages are asked for in advance; those that had come when it stops were read in vain. */
  readonly ahead?: number;
  readonly onMessage: (message: JsMsg, seq: number) => void;
  /** Called when everything that had arrived has been handed over and nothing is known to be on its way. */
  readonly onDrained?: (() => void) | undefined;
  readonly onError: (error: unknown) => void;
  /** How long a stall may last before the consumer is made anew, in ms. */
  readonly patienceMs?: number;
};

/**
 * Follows a stream in order with a consumer of its own that needs no acknowledgements. Without a filter a gap in the
 * sequence is an error; a consumer that stalls is made anew from the last message seen. Throws when the first one cannot be
 * made, and then follows nothing.
 */
export async function followStream(nats: Nats, following: StreamFollowing): Promise<Follower> {
  const { stream, from, filter, ahead = 5_000, onMessage, onDrained, onError, patienceMs = 5_000 } = following;
  let lastSeq = from - 1;
  let messages: ConsumerMessages | undefined;
  let stopped = false;
  let drainPlanned = false;
  let looking = false;
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
    // Heartbeats: with those of the default an ordered consumer can stall for 44 s after a server restart.
    const next = await consumer.consume({
      callback: handle,
      max_messages: ahead,
      expires: 10_000,
      idle_heartbeat: 1_000,
    });
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
    // A server that answers late must not be asked for a second consumer meanwhile.
    if (looking || stopped || performance.now() - seenAt < patienceMs) return;
    looking = true;
    const newest = await lastSequence(nats, stream, filter).catch(() => 0);
    if (newest > lastSeq && !stopped && performance.now() - seenAt >= patienceMs) await restart();
    looking = false;
  };
  const watchdog = setInterval(() => void watch(), patienceMs / 2);
  watchdog.unref();
  try {
    await consume();
  } catch (error) {
    // Who is told that nothing is followed follows again: what is left here would hand over everything a second time.
    stopped = true;
    clearInterval(watchdog);
    throw error;
  }
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

import { setTimeout as wait } from 'node:timers/promises';
import { UnopenableEvent } from '../../../../events/envelope.ts';
import type { Follower, FollowOptions } from '../../event-log.ts';

/** How often it is asked whether an operator has passed over a message, in ms. */
const askEveryMs = 1_000;

type Following = {
  /** Follows from a sequence until an error. */
  readonly follow: (options: FollowOptions) => Promise<Follower>;
  /** Whether a message was passed over. */
  readonly isPassed: (seq: number) => Promise<boolean>;
};

/** Follows the log past messages that are no events, when an EventQuarantined says that nobody is to wait for them. */
export async function followEvents({ follow, isPassed }: Following, options: FollowOptions): Promise<Follower> {
  const { onStuck, onPassed, onError } = options;
  const stopping = new AbortController();
  let current: Follower | undefined;
  let lastSeq = options.from - 1;
  let going: Promise<void> = Promise.resolve();

  const passed = async (error: UnopenableEvent): Promise<boolean> => {
    for (let told = false; !stopping.signal.aborted; ) {
      if (await isPassed(error.seq).catch(() => false)) return true;
      if (!onStuck) return false;
      if (!told) onStuck(error);
      told = true;
      await wait(askEveryMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
    return false;
  };
  const goOn = async (error: unknown): Promise<void> => {
    if (stopping.signal.aborted) return;
    if (!(error instanceof UnopenableEvent) || error.seq <= lastSeq) return onError(error);
    const isOver = await passed(error);
    if (stopping.signal.aborted) return;
    if (!isOver) return onError(error);
    lastSeq = error.seq;
    await begin(error.seq + 1);
    onPassed?.(error.seq);
  };
  const begin = async (from: number): Promise<void> => {
    current = await follow({
      ...options,
      from,
      onEvent: (event) => {
        options.onEvent(event);
        lastSeq = event.seq;
      },
      onError: (error) => {
        going = goOn(error).catch((failure) => {
          if (!stopping.signal.aborted) onError(failure);
        });
      },
    });
    if (stopping.signal.aborted) await current.stop();
  };
  await begin(options.from);
  return {
    lastSeq: () => lastSeq,
    stop: async () => {
      stopping.abort();
      await going;
      await current?.stop();
    },
  };
}

import { matchesFilter } from '../event-filter.ts';
import type { EventName, Recorded } from '../registry.ts';
import { overHttp } from './over-http.ts';
import { readSnapshot } from './read-snapshot.ts';
import { backOff, untilDone, wordsOf } from './retrying.ts';
import {
  type Connection,
  type Delivery,
  type Handler,
  type SubscribeOptions,
  SubscriptionRefused,
  type Trouble,
} from './subscription.ts';

/** How often the server is told that a handler is still at work, in ms. */
const workingEvery = 2_000;

/** What one subscription knows while it runs. */
type Course = {
  readonly options: SubscribeOptions;
  readonly handler: Handler<EventName>;
  readonly signal: AbortSignal;
  readonly trouble: (where: Trouble['where'], seq?: number) => (error: unknown, attempt: number) => void;
  /** The last sequence that is done with; null before the first. */
  position: number | null;
};

/**
 * Hands over events one after another, in the order of the log, each once for as long as the checkpoint is kept: what a
 * handler was at when its process died comes again. A handler that throws is called again, after pauses. Connections
 * that break are made again. Resolves when `signal` ends it; throws SubscriptionRefused when trying again is in vain.
 */
export async function subscribe<const N extends EventName = EventName>(
  options: SubscribeOptions<N>,
  handler: Handler<N>,
): Promise<void> {
  const signal = options.signal ?? new AbortController().signal;
  const course: Course = {
    options: options as unknown as SubscribeOptions,
    handler: handler as unknown as Handler<EventName>,
    signal,
    trouble: (where, seq) => (error, attempt) =>
      options.onTrouble?.({ where, attempt, message: wordsOf(error), ...(seq === undefined ? {} : { seq }) }),
    position: (await options.checkpoint?.load()) ?? null,
  };
  const connection = await connectionOf(course.options);
  if (options.snapshot && course.position === null) await retried(course, () => beginWithSnapshot(course));
  await retried(course, (progress) => run(course, connection, progress));
}

async function connectionOf(options: SubscribeOptions): Promise<Connection> {
  if (!options.nats) return overHttp(options);
  if (options.from !== undefined)
    throw new SubscriptionRefused('Over NATS `from` cannot be given: it was said when the subscriber was added.');
  // Who subscribes over HTTP need not load it.
  const { overNats } = await import('./over-nats.ts');
  return overNats(options.nats);
}

/** Tries something until it is over; after progress the pauses are short again. */
async function retried({ signal, trouble }: Course, work: (progress: () => void) => Promise<void>): Promise<void> {
  let failures = 0;
  const progress = () => {
    failures = 0;
  };
  while (!signal.aborted) {
    try {
      return await work(progress);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof SubscriptionRefused) throw error;
      failures += 1;
      trouble('connection')(error, failures);
    }
    await backOff(failures, signal);
  }
}

async function beginWithSnapshot(course: Course): Promise<void> {
  const { options, signal, trouble } = course;
  const snapshot = await readSnapshot(options, signal);
  const { seq } = snapshot;
  const handed = await untilDone(() => options.snapshot?.(snapshot), trouble('handler', seq), signal);
  if (handed) await advance(course, seq);
}

async function run(course: Course, connection: Connection, progress: () => void): Promise<void> {
  for await (const delivery of connection(course.position, course.signal)) {
    const before = course.position;
    if (!(await take(course, delivery)) || course.signal.aborted) return;
    if (course.position !== before) progress();
  }
  if (!course.signal.aborted) throw new Error('the connection has ended');
}

/** Takes one delivery to its end; false when the signal ended it before. */
async function take(course: Course, delivery: Delivery): Promise<boolean> {
  const { seq } = delivery;
  // What was done with comes again when its acknowledgement was lost.
  const known = course.position !== null && seq <= course.position;
  if (!known) {
    const beat = delivery.working && setInterval(delivery.working, workingEvery);
    try {
      if (!(await handOver(course, delivery)) || !(await advance(course, seq))) return false;
    } finally {
      clearInterval(beat);
    }
  }
  delivery.done?.();
  return true;
}

async function handOver({ options, handler, signal, trouble }: Course, delivery: Delivery): Promise<boolean> {
  const { seq, event, unknown } = delivery;
  const failed = trouble('handler', seq);
  if (event) return !isWanted(options, event) || untilDone(() => handler(event), failed, signal);
  if (!unknown) return true;
  if (options.onUnknown) return untilDone(() => options.onUnknown?.(unknown), failed, signal);
  trouble('unknown-event', seq)(unknown.reason, 1);
  return true;
}

/** Over HTTP the service has asked this already; a subscriber over NATS may be added for more than is wanted here. */
function isWanted({ events = [], projects = [], severities = [] }: SubscribeOptions, event: Recorded): boolean {
  return matchesFilter({ events: [...events], projects: [...projects], severities: [...severities] }, event);
}

async function advance(course: Course, seq: number): Promise<boolean> {
  const { options, signal, trouble } = course;
  const saved = await untilDone(() => options.checkpoint?.save(seq), trouble('checkpoint', seq), signal);
  if (saved) course.position = seq;
  return saved;
}

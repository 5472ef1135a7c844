import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Recorded } from '../../../events/registry.ts';
import { cloudEventOf, lineOf } from '../../../events/subscribe/event-line.ts';
import { messageOf } from '../../floor/app-error.ts';
import { callerOf, isStillKnown } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';
import { growing, heartbeat, highWater, takeOver } from './live-reply.ts';
import type { Kept, LiveTail, TailGroup } from './live-tail.ts';

/** Server-sent events, lines of our own JSON, or lines that are CloudEvents in structured mode. */
export type EventForm = 'sse' | 'lines' | 'cloudevents';

type Streaming = {
  readonly start: number;
  readonly form: EventForm;
  /** Whether to go on with what happens from now on. */
  readonly live: boolean;
  /** Whether lines say how far everything has been looked at; server-sent events always do. */
  readonly positions: boolean;
  readonly wanted: (event: Recorded) => boolean;
  /** What is wanted and who may see it, as text: the same of two readers means the same events. */
  readonly key: string;
};

type EventDeps = ApiDeps & { readonly tail: LiveTail };

/** Events that may wait for the read model. */
const longestQueue = 5_000;

/** After so many events that are not for the reader it is told the position, so that it need not look at them again. */
const silentEvents = 500;

/**
 * Sends events in order. Each waits until the read model holds it: who may see it is asked there. Who follows reads what was by a
 * follower of its own, and from where it has caught up what all read together (`live-tail.ts`).
 */
export async function streamEvents(
  { start, form, live, positions, wanted, key }: Streaming,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, models, logger, clock, seats, tail }: EventDeps,
): Promise<FastifyReply> {
  const caller = callerOf(request);
  seats.take(live ? 'follower' : 'export', caller, reply);
  const end = live ? Number.POSITIVE_INFINITY : await log.end();
  const sse = form === 'sse';
  const raw = takeOver(request, reply, { headers: growing(sse ? 'text/event-stream' : 'application/x-ndjson') });
  if (!raw) return reply;
  const queue: Recorded[] = [];
  let next = start;
  let told = start - 1;
  let current: { stop?: () => Promise<void> } | undefined;
  let draining = false;

  const halt = () => {
    void current?.stop?.();
    current = undefined;
    queue.length = 0;
  };
  const fail = (error: unknown) => {
    if (!raw.destroyed) logger.warn({ error: messageOf(error) }, 'events could not be sent on');
    raw.destroy();
  };
  const tellPosition = () => {
    told = next - 1;
    if (sse) raw.write(`id: ${told}\n\n`);
    else if (positions && form === 'lines') raw.write(`{"position":${told}}\n`);
  };
  const group: TailGroup = { key: `${form} ${key}`, wanted, write: written[form] };
  /** From where everybody reads together; false where that does not reach back so far. */
  const sendShared = (): boolean => {
    if (!live || !tail.covers(next)) return false;
    if (current) halt();
    for (let batch = tail.read(next, group); batch.next > next; batch = tail.read(next, group)) {
      next = batch.next;
      if (batch.bytes) {
        raw.write(batch.bytes);
        told = batch.told;
      }
      if (next - 1 - told >= silentEvents) tellPosition();
      if (raw.writableLength > highWater) rest();
      if (draining) return true;
    }
    return true;
  };
  const send = () => {
    const known = models.seq();
    for (let event = queue[0]; event && event.seq <= known; event = queue[0]) {
      queue.shift();
      next = event.seq + 1;
      if (event.seq <= end && wanted(event)) {
        raw.write(written[form]({ event, line: JSON.stringify(lineOf(event)) }));
        told = event.seq;
      } else if (event.seq - told >= silentEvents) tellPosition();
      if (event.seq >= end) return finish();
      if (raw.writableLength > highWater) return rest();
    }
    sendShared();
  };
  const finish = () => {
    halt();
    tellPosition();
    raw.end();
  };
  /** The reader is slower than the log: nothing more is read for it until it has caught up. */
  const rest = () => {
    halt();
    draining = true;
    raw.once('drain', () => {
      draining = false;
      follow().catch(fail);
    });
  };
  const follow = async () => {
    if (next > end) return finish();
    if (sendShared()) return;
    const mine: NonNullable<typeof current> = {};
    current = mine;
    const { stop } = await log.follow({
      from: next,
      onEvent: (event) => {
        if (current !== mine || event.seq < next) return;
        queue.push(event);
        send();
        if (queue.length > longestQueue) halt();
      },
      onError: fail,
    });
    if (current === mine && !raw.destroyed) mine.stop = stop;
    else await stop();
  };
  const look = () => {
    if (live ? !tail.isKnown(caller) : !isStillKnown(caller, models, clock)) raw.destroy();
    else if (draining || raw.writableEnded || sendShared()) return;
    else if (current) send();
    else follow().catch(fail);
  };
  const unsubscribe = live ? tail.join(look) : models.onCommit(look);
  const beat = setInterval(() => {
    if (sse) raw.write(': still here\n\n');
    tellPosition();
  }, heartbeat);
  raw.once('close', () => {
    clearInterval(beat);
    unsubscribe();
    halt();
  });
  // Who asked for `now` or for a date learns which sequence that is, and can come back to it.
  tellPosition();
  follow().catch(fail);
  return reply;
}

const written: Readonly<Record<EventForm, (kept: Kept) => string>> = {
  sse: ({ event, line }) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${line}\n\n`,
  lines: ({ line }) => `${line}\n`,
  cloudevents: ({ event }) => `${JSON.stringify(cloudEventOf(event))}\n`,
};

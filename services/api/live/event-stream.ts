import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Recorded } from '../../../events/registry.ts';
import { cloudEventOf, lineOf } from '../../../events/subscribe/event-line.ts';
import { messageOf } from '../../floor/app-error.ts';
import { callerOf, isStillKnown } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';
import { growing, heartbeat, highWater, takeOver } from './live-reply.ts';

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
};

/** Events that may wait for the read model. */
const longestQueue = 5_000;

/** After so many events that are not for the reader it is told the position, so that it need not look at them again. */
const silentEvents = 500;

/** Sends events in order. Each waits until the read model holds it: who may see it is asked there. */
export async function streamEvents(
  { start, form, live, positions, wanted }: Streaming,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, models, logger, clock, seats }: ApiDeps,
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
  const send = () => {
    const known = models.seq();
    for (let event = queue[0]; event && event.seq <= known; event = queue[0]) {
      queue.shift();
      next = event.seq + 1;
      if (event.seq <= end && wanted(event)) {
        raw.write(written[form](event));
        told = event.seq;
      } else if (event.seq - told >= silentEvents) tellPosition();
      if (event.seq >= end) return finish();
      if (raw.writableLength > highWater) return rest();
    }
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
  const unsubscribe = models.onCommit(() => {
    if (!isStillKnown(caller, models, clock)) raw.destroy();
    else if (current) send();
    else if (!draining && !raw.writableEnded) follow().catch(fail);
  });
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

const written: Readonly<Record<EventForm, (event: Recorded) => string>> = {
  sse: (event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(lineOf(event))}\n\n`,
  lines: (event) => `${JSON.stringify(lineOf(event))}\n`,
  cloudevents: (event) => `${JSON.stringify(cloudEventOf(event))}\n`,
};

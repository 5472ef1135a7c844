import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Recorded } from '../../events/registry.ts';
import { messageOf } from '../app-error.ts';
import { callerOf, isStillKnown } from './authenticate.ts';
import type { ApiDeps } from './define.ts';
import { growing, heartbeat, highWater, takeOver } from './live-reply.ts';

type Streaming = {
  readonly start: number;
  readonly sse: boolean;
  /** Whether to go on with what happens from now on. */
  readonly live: boolean;
  readonly wanted: (event: Recorded) => boolean;
};

/** Events that may wait for the read model. */
const longestQueue = 5_000;

/** Sends events in order. Each waits until the read model holds it: who may see it is asked there. */
export async function streamEvents(
  { start, sse, live, wanted }: Streaming,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, models, logger }: ApiDeps,
): Promise<FastifyReply> {
  const caller = callerOf(request);
  const end = live ? Number.POSITIVE_INFINITY : await log.end();
  const raw = takeOver(request, reply, { headers: growing(sse ? 'text/event-stream' : 'application/x-ndjson') });
  if (!raw) return reply;
  const queue: Recorded[] = [];
  let next = start;
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
  const send = () => {
    const known = models.seq();
    for (let event = queue[0]; event && event.seq <= known; event = queue[0]) {
      queue.shift();
      next = event.seq + 1;
      if (event.seq <= end && wanted(event)) raw.write(sse ? asServerSent(event) : `${JSON.stringify(shown(event))}\n`);
      if (event.seq >= end) return finish();
      if (raw.writableLength > highWater) return rest();
    }
  };
  const finish = () => {
    halt();
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
    if (!isStillKnown(caller, models)) raw.destroy();
    else if (current) send();
    else if (!draining && !raw.writableEnded) follow().catch(fail);
  });
  const beat = sse ? setInterval(() => raw.write(': still here\n\n'), heartbeat) : undefined;
  raw.once('close', () => {
    clearInterval(beat);
    unsubscribe();
    halt();
  });
  follow().catch(fail);
  return reply;
}

function shown({ seq, type, entityId, eventId, time, source, causationId, correlationId, data }: Recorded) {
  return {
    seq,
    id: eventId,
    type,
    subject: entityId,
    time,
    source,
    causation_id: causationId,
    correlation_id: correlationId,
    data,
  };
}

function asServerSent(event: Recorded): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(shown(event))}\n\n`;
}

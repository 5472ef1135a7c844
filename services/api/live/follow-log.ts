import { StringDecoder } from 'node:string_decoder';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { withoutMarksIn } from '../../../parsers/engine/text-lines.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { messageOf } from '../../floor/app-error.ts';
import type { LogChunk, Pipe } from '../../io/log-stream.ts';
import { callerOf, isStillKnown } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';
import { growing, heartbeat, highWater, takeOver, writeTo } from './live-reply.ts';

const over = new Set(['succeeded', 'failed', 'cancelled']);

type End = { readonly status: string; readonly exit_code: number | null };

/** Sends a log as it grows, until the job has ended: plain text, or server-sent events with the pipe as event name. */
export async function followLog(
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { logs, models, logger, clock, seats }: ApiDeps,
): Promise<FastifyReply> {
  const caller = callerOf(request);
  seats.take('follower', caller, reply);
  const sse = (request.headers.accept ?? '').includes('text/event-stream');
  const raw = takeOver(request, reply, { headers: growing(sse ? 'text/event-stream' : 'text/plain') });
  if (!raw) return reply;
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const plain = { stdout: withoutMarksIn(), stderr: withoutMarksIn() };
  const resumed = request.headers['last-event-id'];
  let reached = sse && typeof resumed === 'string' && /^\d{1,15}$/.test(resumed) ? Number(resumed) : 0;
  let current: { stop?: () => Promise<void> } | undefined;

  /** What marks the steps of the command is for the parser. */
  const shown = ({ pipe, bytes, seq }: LogChunk) => {
    reached = seq;
    const own = plain[pipe].write(bytes);
    return sse ? asEvent(seq, pipe, decoders[pipe].write(own)) : own;
  };
  const endOf = (): End | null => {
    const job = models.query().jobs.find(id);
    if (!job) return { status: 'removed', exit_code: null };
    const doc = JSON.parse(job.doc) as JobDoc;
    return over.has(doc.status) ? doc : null;
  };
  const halt = () => {
    void current?.stop?.();
    current = undefined;
  };
  const finish = ({ status, exit_code }: End) => {
    if (!sse) for (const one of Object.values(plain)) raw.write(one.end());
    if (sse) raw.write(`event: end\ndata: ${JSON.stringify({ status, exit_code })}\n\n`);
    raw.end();
  };
  /** Sends what is there at the pace of the reader, then what comes. */
  const catchUp = async () => {
    for (let before = -1; before < reached; ) {
      before = reached;
      // First the job, then its log: all of it is stored when the job is over.
      const end = endOf();
      await logs.read(id, { firstSeq: reached + 1 }, async (chunk) => {
        if (raw.destroyed) throw new Error('the reader has gone');
        await writeTo(raw, shown(chunk));
      });
      if (end) return finish(end);
    }
    const mine: NonNullable<typeof current> = {};
    current = mine;
    const { stop } = await logs.follow(id, reached + 1, (chunk) => {
      if (current !== mine || chunk.seq <= reached) return;
      raw.write(shown(chunk));
      if (raw.writableLength > highWater) again();
    });
    if (current === mine && !raw.destroyed) mine.stop = stop;
    else await stop();
    if (current === mine && endOf()) again();
  };
  const again = () => {
    halt();
    catchUp().catch((error) => {
      if (!raw.destroyed) logger.warn({ job_id: id, error: messageOf(error) }, 'a log could not be followed');
      raw.destroy();
    });
  };
  const unsubscribe = models.onCommit(() => {
    if (!isStillKnown(caller, models, clock)) raw.destroy();
    else if (current && endOf()) again();
  });
  const beat = setInterval(() => sse && raw.write(': still here\n\n'), heartbeat);
  raw.once('close', () => {
    clearInterval(beat);
    unsubscribe();
    halt();
  });
  again();
  return reply;
}

function asEvent(seq: number, pipe: Pipe, text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `id: ${seq}\nevent: ${pipe}\n${lines.join('')}\n`;
}

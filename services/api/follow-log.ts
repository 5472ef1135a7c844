import { StringDecoder } from 'node:string_decoder';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobDoc } from '../../projections/jobs.ts';
import type { LogChunk, Pipe } from '../io/log-stream.ts';
import type { ApiDeps } from './define.ts';

type Following = { readonly id: string; readonly sse: boolean; readonly lastEventId: unknown };

const ended = new Set(['succeeded', 'failed', 'cancelled']);
const heartbeat = 15_000;

/** Sends a log as it grows, until the job has ended: plain text, or server-sent events with the pipe as event name. */
export async function followLog(
  { id, sse, lastEventId }: Following,
  request: FastifyRequest,
  reply: FastifyReply,
  { logs, models }: ApiDeps,
): Promise<FastifyReply> {
  const { raw } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': `${sse ? 'text/event-stream' : 'text/plain'}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const from = sse && typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) + 1 : 1;
  let reached = from - 1;

  const send = ({ pipe, bytes, seq }: LogChunk) => {
    reached = seq;
    raw.write(sse ? asEvent(seq, pipe, decoders[pipe].write(Buffer.from(bytes))) : bytes);
    // A reader that never reads must not fill the memory: it may come back with Last-Event-ID.
    if (raw.writableLength > 16_000_000) raw.destroy();
    finishIfEnded();
  };
  const finishIfEnded = () => {
    const job = models.query().jobs.find(id);
    if (!job) return finish(null);
    const doc = JSON.parse(job.doc) as JobDoc;
    if (ended.has(doc.status) && reached >= job.logLast) finish(doc);
  };
  const finish = (doc: JobDoc | null) => {
    if (raw.writableEnded) return;
    if (sse)
      raw.write(
        `event: end\ndata: ${JSON.stringify({ status: doc?.status ?? 'removed', exit_code: doc?.exit_code ?? null })}\n\n`,
      );
    raw.end();
  };
  const follower = await logs.follow(id, from, send);
  const unsubscribe = models.onCommit(finishIfEnded);
  const beat = setInterval(() => raw.write(sse ? ': still here\n\n' : ''), heartbeat);
  const stop = () => {
    clearInterval(beat);
    unsubscribe();
    void follower.stop();
  };
  raw.once('close', stop);
  if (request.raw.destroyed) stop();
  finishIfEnded();
  return reply;
}

function asEvent(seq: number, pipe: Pipe, text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `id: ${seq}\nevent: ${pipe}\n${lines.join('')}\n`;
}

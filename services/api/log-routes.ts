import type { ServerResponse } from 'node:http';
import { Type } from '@sinclair/typebox';
import type { FastifyReply } from 'fastify';
import type { FoundJob, JobDoc } from '../../projections/jobs.ts';
import { AppError } from '../app-error.ts';
import { callerOf } from './authenticate.ts';
import type { ApiDeps, Routes } from './define.ts';
import { followLog } from './follow-log.ts';
import { ownJob } from './job-routes.ts';
import { lastLines } from './log-tail.ts';

/** The logs of jobs: whole, in part, the end of them, or live. */
export const logRoutes: Routes = (app, deps) => {
  app.get(
    '/jobs/:id/log',
    {
      schema: {
        summary:
          'The log: whole, `Range`, `?tail=` lines, or live with `?follow=1` (as text/event-stream when asked for)',
        params: Type.Object({ id: Type.String() }),
        querystring: Type.Object({
          tail: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
          follow: Type.Optional(
            Type.Union([Type.Literal('1'), Type.Literal('0'), Type.Literal('true'), Type.Literal('false')]),
          ),
          stream: Type.Optional(Type.Union([Type.Literal('stdout'), Type.Literal('stderr')])),
        }),
        produces: ['text/plain', 'text/event-stream'],
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { tail, follow, stream } = request.query;
      const job = ownJob(id, callerOf(request), deps);
      reply.header('content-type', 'text/plain; charset=utf-8');
      if (follow === '1' || follow === 'true') {
        return followLog(
          {
            id,
            sse: (request.headers.accept ?? '').includes('text/event-stream'),
            lastEventId: request.headers['last-event-id'],
          },
          request,
          reply,
          deps,
        );
      }
      const last = job.logLast || (await deps.logs.lastSeq(id));
      if (tail !== undefined) {
        const lines = last === 0 ? [] : await lastLines({ logs: deps.logs, id, first: job.logFirst || 1, last }, tail);
        return reply.send(lines.map((line) => `${line}\n`).join(''));
      }
      return sendLog({ id, job, last, stream, range: request.headers.range }, reply, deps);
    },
  );
};

type Sending = {
  id: string;
  job: FoundJob;
  last: number;
  stream: 'stdout' | 'stderr' | undefined;
  range: string | undefined;
};

async function sendLog({ id, job, last, stream, range }: Sending, reply: FastifyReply, { logs, logger }: ApiDeps) {
  const { log_bytes: total, status } = JSON.parse(job.doc) as JobDoc;
  const whole = job.logLast > 0 && stream === undefined;
  const part = whole && range ? rangeOf(range, total) : null;
  const headers: Record<string, string> = { 'accept-ranges': whole ? 'bytes' : 'none' };
  if (part) headers['content-range'] = `bytes ${part.from}-${part.to}/${total}`;
  if (whole) headers['content-length'] = String(part ? part.to - part.from + 1 : total);
  headers['x-crafting-job-status'] = status;
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(part ? 206 : 200, headers);
  let at = 0;
  try {
    if (last > 0) {
      await logs.read(id, { firstSeq: job.logFirst || 1, lastSeq: last }, async ({ pipe, bytes }) => {
        if (raw.destroyed) throw new Error('the reader has gone');
        if (stream && pipe !== stream) return;
        const from = part ? Math.max(0, part.from - at) : 0;
        const to = part ? Math.min(bytes.length, part.to + 1 - at) : bytes.length;
        at += bytes.length;
        if (to > from) await writeTo(raw, bytes.subarray(from, to));
      });
    }
    raw.end();
  } catch (error) {
    if (!raw.destroyed) logger.warn({ job_id: id, error: String(error) }, 'a log could not be sent whole');
    raw.destroy();
  }
  return reply;
}

/** Writes, and waits while the reader is slower than we are. */
export async function writeTo(raw: ServerResponse, bytes: Uint8Array | string): Promise<void> {
  if (raw.write(bytes) || raw.destroyed) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      raw.off('drain', go);
      raw.off('close', go);
      resolve();
    };
    raw.once('drain', go);
    raw.once('close', go);
  });
}

/** One range of bytes (RFC 9110, section 14); null for a header that is to be ignored. */
function rangeOf(header: string, total: number): { from: number; to: number } | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [first, last] = [match[1] ?? '', match[2] ?? ''];
  const from = first === '' ? Math.max(0, total - Number(last)) : Number(first);
  const to = first === '' || last === '' ? total - 1 : Math.min(Number(last), total - 1);
  if (from >= total || from > to)
    throw new AppError('invalid', `The log has ${total} bytes; the range ${header} lies outside.`, {
      name: 'range_not_satisfiable',
    });
  return { from, to };
}

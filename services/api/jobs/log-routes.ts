import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stepsOf } from '../../../parsers/engine/steps.ts';
import { withoutMarksIn } from '../../../parsers/engine/text-lines.ts';
import type { FoundJob } from '../../../projections/jobs/job-queries.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { callerOf } from '../authenticate.ts';
import type { ApiDeps, Routes } from '../define.ts';
import { followLog } from '../live/follow-log.ts';
import { takeOver, writeTo } from '../live/live-reply.ts';
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
      const stored = await deps.logs.lastSeq(id);
      if (stored < job.logLast)
        throw new AppError('not_found', 'The log of this job is no longer kept.', { name: 'log_expired' });
      if (follow === '1' || follow === 'true') {
        return followLog(id, request, reply, deps);
      }
      reply.header('content-type', 'text/plain; charset=utf-8');
      const last = job.logLast || stored;
      if (tail !== undefined) {
        const lines = last === 0 ? [] : await lastLines({ logs: deps.logs, id, first: job.logFirst || 1, last }, tail);
        return reply.send(lines.map((line) => `${line}\n`).join(''));
      }
      return sendLog({ id, job, last, stream }, request, reply, deps);
    },
  );
};

type Sending = { id: string; job: FoundJob; last: number; stream: 'stdout' | 'stderr' | undefined };

async function sendLog(
  { id, job, last, stream }: Sending,
  request: FastifyRequest,
  reply: FastifyReply,
  { logs, logger }: ApiDeps,
) {
  const { log_bytes: stored, status, command } = JSON.parse(job.doc) as JobDoc;
  const span = { firstSeq: job.logFirst || 1, lastSeq: last };
  /** The bytes of one pipe, or of both, as the command wrote them: what marks its steps is for the parser. */
  const readPlain = async (take: (bytes: Uint8Array) => Promise<void>) => {
    const plain = { stdout: withoutMarksIn(), stderr: withoutMarksIn() };
    await logs.read(id, span, async ({ pipe, bytes }) => {
      if (!stream || pipe === stream) await take(hasSteps ? plain[pipe].write(bytes) : bytes);
    });
    for (const one of Object.values(plain)) await take(one.end());
  };
  const hasSteps = stepsOf(command).length > 0;
  const whole = job.logLast > 0 && stream === undefined;
  let total = stored;
  if (whole && hasSteps && last > 0) {
    total = 0;
    await readPlain(async (bytes) => {
      total += bytes.length;
    });
  }
  const part = whole ? rangeOf(request.headers.range, total, reply) : null;
  const [begin, end] = part ? [part.from, part.to + 1] : [0, whole ? total : Number.POSITIVE_INFINITY];
  const headers: Record<string, string> = {
    'accept-ranges': whole ? 'bytes' : 'none',
    'x-crafting-job-status': status,
    ...(part ? { 'content-range': `bytes ${part.from}-${part.to}/${total}` } : {}),
    ...(whole ? { 'content-length': String(end - begin) } : {}),
  };
  const raw = takeOver(request, reply, { status: part ? 206 : 200, headers });
  if (!raw) return reply;
  let at = 0;
  try {
    if (last > 0 && end > begin) {
      await readPlain(async (bytes) => {
        if (raw.destroyed) throw new Error('the reader has gone');
        const [from, to] = [Math.max(0, begin - at), Math.min(bytes.length, end - at)];
        at += bytes.length;
        if (to > from) await writeTo(raw, bytes.subarray(from, to));
      });
    }
    // The length was promised: a reader of a log of which the beginning has expired must not wait for the rest.
    if (whole && at < end) throw new Error(`only ${at} of ${total} bytes are kept`);
    raw.end();
  } catch (error) {
    if (!raw.destroyed) logger.warn({ job_id: id, error: messageOf(error) }, 'a log could not be sent whole');
    raw.destroy();
  }
  return reply;
}

/** One range of bytes (RFC 9110, section 14); null for none, and for a header that is to be ignored. */
function rangeOf(header: string | undefined, total: number, reply: FastifyReply): { from: number; to: number } | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (first === '' && last === '') return null;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return null;
  const from = first === '' ? Math.max(0, total - Number(last)) : Number(first);
  const to = first === '' || last === '' ? total - 1 : Math.min(Number(last), total - 1);
  if (from < total && from <= to) return { from, to };
  reply.header('content-range', `bytes */${total}`);
  throw new AppError('invalid', `The log has ${total} bytes; the range ${header} lies outside.`, {
    name: 'range_not_satisfiable',
  });
}

import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, isAppError } from '../app-error.ts';
import { callerOf } from './authenticate.ts';
import type { ApiDeps } from './define.ts';

type Kept = {
  readonly body: string;
  readonly at: number;
  readonly answer: { status: number; body: unknown; location?: string } | null;
};

/** An unfinished first request is taken for dead after this, in ms: it waits for the log and the read model at most. */
const abandonedAfter = 60_000;

/**
 * Does a POST once: the same key and body within 24 h gives the first answer again, the same key with another body is a
 * conflict. Answers are kept sealed, since they may hold a new bearer.
 */
export async function once<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ApiDeps,
  work: () => Promise<T>,
): Promise<T> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return work();
  if (typeof key !== 'string' || key.length < 1 || key.length > 255)
    throw new AppError('invalid', 'Idempotency-Key must have 1 to 255 characters.');
  const { idempotency: bucket, box } = deps;
  const name = hash(callerOf(request).name, request.method, request.url, key);
  const body = hash(JSON.stringify(request.body ?? null));
  const seal = (kept: Kept) => box.seal(name, JSON.stringify(kept));
  const started: Kept = { body, at: Date.now(), answer: null };

  let revision: number;
  try {
    revision = await bucket.create(name, seal(started));
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
    const entry = await bucket.get(name);
    if (!entry)
      throw new AppError(
        'unavailable',
        'The first request with this Idempotency-Key has just expired; send it again.',
        { retryAfterSecs: 1 },
      );
    const kept = JSON.parse(box.open(name, entry.value)) as Kept;
    if (kept.body !== body)
      throw new AppError('conflict', 'This Idempotency-Key was used with another body.', {
        name: 'idempotency_key_reused',
      });
    if (kept.answer) return replay<T>(reply, kept.answer);
    if (Date.now() - kept.at < abandonedAfter)
      throw new AppError('conflict', 'The first request with this Idempotency-Key is still being worked on.', {
        name: 'idempotency_key_in_use',
        retryAfterSecs: 1,
      });
    revision = await bucket.update(name, seal(started), entry.revision);
  }
  try {
    const answer = await work();
    const location = reply.getHeader('location');
    const kept: Kept = {
      ...started,
      answer: { status: reply.statusCode, body: answer, ...(typeof location === 'string' ? { location } : {}) },
    };
    await bucket.update(name, seal(kept), revision);
    return answer;
  } catch (error) {
    await bucket.erase(name).catch(() => {});
    throw error;
  }
}

function replay<T>(reply: FastifyReply, { status, body, location }: NonNullable<Kept['answer']>): T {
  reply.code(status).header('idempotency-replayed', 'true');
  if (location) reply.header('location', location);
  return body as T;
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maxEventBytes } from '../../events/streams.ts';
import { AppError, isAppError } from '../floor/app-error.ts';
import { callerOf } from './authenticate.ts';
import type { ApiDeps } from './define.ts';

type Kept = {
  readonly body: string;
  /** What ids are derived from: another try of a request that was cut off makes the same things, not new ones. */
  readonly seed: string;
  readonly at: number;
  readonly answer: { status: number; body: unknown; location?: string } | null;
};

/** An unfinished first request is taken for dead after this, in ms: it waits for the log and the read model at most. */
const abandonedAfter = 60_000;
/** How often one that comes meanwhile looks whether the first has its answer, and how long between, in ms. */
const mostTries = 20;
const pauseMs = 50;

/**
 * Does a POST once: the same key and body within 24 h gives the first answer again, the same key with another body is a
 * conflict. Answers are kept sealed, since they may hold a new bearer.
 */
export async function once<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ApiDeps,
  work: (seed: string) => Promise<T>,
): Promise<T> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return work(randomUUID());
  if (typeof key !== 'string' || key.length < 1 || key.length > 255)
    throw new AppError('invalid', 'Idempotency-Key must have 1 to 255 characters.');
  const { idempotency: bucket, box, clock } = deps;
  const name = hash(callerOf(request).name, request.method, request.url, key);
  // A route without a schema for its body does not look at it; what was not checked may be too deep to print.
  const body = hash(request.routeOptions.schema?.body ? JSON.stringify(request.body ?? null) : '');
  const seal = (kept: Kept) => box.seal(name, gzipSync(JSON.stringify(kept)).toString('base64'));
  let started: Kept = { body, seed: randomUUID(), at: clock.now(), answer: null };

  const claimed = await claim();
  if ('answer' in claimed) return replay<T>(reply, claimed.answer);
  const { revision } = claimed;
  try {
    const answer = await work(started.seed);
    await keepAnswer({ ...started, answer: answerOf(reply, answer) });
    return answer;
  } catch (error) {
    // What was refused may be sent again, changed. What broke off may have been done: only the same may follow.
    const refused = isAppError(error) && error.code !== 'unavailable' && error.code !== 'internal';
    await (refused ? bucket.erase(name) : bucket.update(name, seal({ ...started, at: 0 }), revision)).catch(() => {});
    throw error;
  }

  async function claim(): Promise<{ revision: number } | { answer: NonNullable<Kept['answer']> }> {
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const made = await bucket.create(name, seal(started)).catch((error: unknown) => {
        if (!isAppError(error, 'conflict')) throw error;
        return null;
      });
      if (made !== null) return { revision: made };
      const entry = await bucket.get(name);
      // The first one was refused meanwhile and took its entry away: this one is judged for itself.
      if (!entry) continue;
      const kept = JSON.parse(gunzipSync(Buffer.from(box.open(name, entry.value), 'base64')).toString()) as Kept;
      if (kept.body !== body)
        throw new AppError('conflict', 'This Idempotency-Key was used with another body.', {
          name: 'idempotency_key_reused',
        });
      if (kept.answer) return { answer: kept.answer };
      if (clock.now() - kept.at >= abandonedAfter) {
        started = { ...started, seed: kept.seed };
        return { revision: await bucket.update(name, seal(started), entry.revision) };
      }
      await pause(pauseMs);
    }
    throw new AppError('conflict', 'The first request with this Idempotency-Key is still being worked on.', {
      name: 'idempotency_key_in_use',
      retryAfterSecs: 1,
    });
  }

  async function keepAnswer(kept: Kept): Promise<void> {
    const sealed = seal(kept);
    if (sealed.length <= maxEventBytes) await bucket.update(name, sealed, revision);
    else {
      deps.logger.warn({ bytes: sealed.length }, 'an answer is too large to be kept for its Idempotency-Key');
      await bucket.update(name, seal({ ...started, at: 0 }), revision);
    }
  }
}

function answerOf(reply: FastifyReply, body: unknown): NonNullable<Kept['answer']> {
  const location = reply.getHeader('location');
  return { status: reply.statusCode, body, ...(typeof location === 'string' ? { location } : {}) };
}

function replay<T>(reply: FastifyReply, { status, body, location }: NonNullable<Kept['answer']>): T {
  reply.code(status).header('idempotency-replayed', 'true');
  if (location) reply.header('location', location);
  return body as T;
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

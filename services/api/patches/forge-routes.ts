import { hash } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../floor/app-error.ts';
import type { Clock } from '../../floor/clock.ts';
import { appendOnce } from '../../io/event-log.ts';
import { longestWebhook, readWebhook } from '../../io/forge/forge-webhook.ts';
import { type Routes, success } from '../define.ts';

/** What forges tell: signed, and stored before it is answered. */
export const forgeRoutes: Routes = (app, { config, log, clock }) => {
  app.register(async (scope) => {
    // The signature is over the bytes as they came.
    const pace = pacer(clock);
    const large = largeBodies();
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post(
      '/forge/webhook',
      {
        bodyLimit: longestWebhook,
        preParsing: large.preParsing,
        schema: {
          summary:
            'Webhook of Gitea, Forgejo, GitHub or GitLab; signed with CRAFTING_FORGE_WEBHOOK_SECRET, or brings it',
          security: [],
          response: { 202: success({ seq: Type.Integer() }) },
        },
      },
      async (request, reply) => {
        const secret = config.webhookSecret;
        if (secret === null)
          throw new AppError('unavailable', 'CRAFTING_FORGE_WEBHOOK_SECRET is not set: no webhook is taken.', {
            name: 'webhook_disabled',
          });
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const data = await readWebhook({ headers: request.headers, body, secret });
        reply.code(202);
        // The signature is over the body alone: what is named by it cannot be told again under another delivery.
        const id = `${data.forge}-${hash('sha256', body, 'hex')}`;
        const there = await log.last('ForgeEventReceived', id);
        if (there) return { ok: true as const, seq: there.seq };
        pace.take();
        const { seq } = await appendOnce(log, { type: 'ForgeEventReceived', id, data }, { expect: 0 });
        return { ok: true as const, seq };
      },
    );
  });
};

/** What forges may add to a log that never shrinks: so many events a minute. */
const mostAMinute = 600;

function pacer(clock: Pick<Clock, 'now'>): { take(): void } {
  let minute = 0;
  let taken = 0;
  return {
    take: () => {
      const now = Math.floor(clock.now() / 60_000);
      if (now !== minute) [minute, taken] = [now, 0];
      if (taken >= mostAMinute)
        throw new AppError('rate_limited', `Forges told of more than ${mostAMinute} things in a minute.`, {
          retryAfterSecs: 60,
        });
      taken += 1;
    },
  };
}

const largeBytes = 1024 * 1024;
const mostLarge = 4;

/** Bodies that are held in memory before anybody knows whether they are signed: few large ones at once. */
function largeBodies() {
  let held = 0;
  return {
    preParsing: (
      { headers }: FastifyRequest,
      { raw }: FastifyReply,
      _payload: unknown,
      done: (error?: Error | null) => void,
    ) => {
      const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
      if (length <= largeBytes || raw.closed) return done();
      if (held >= mostLarge)
        return done(
          new AppError('unavailable', 'Large webhooks are being read; send it again.', { retryAfterSecs: 5 }),
        );
      held += 1;
      raw.once('close', () => {
        held -= 1;
      });
      return done();
    },
  };
}

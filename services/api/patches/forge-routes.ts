import { Type } from '@sinclair/typebox';
import { AppError } from '../../floor/app-error.ts';
import { appendOnce } from '../../io/event-log.ts';
import { readWebhook } from '../../io/forge/forge-webhook.ts';
import { type Routes, success } from '../define.ts';

/** What forges tell: signed, and stored before it is answered. */
export const forgeRoutes: Routes = (app, { config, log }) => {
  app.register(async (scope) => {
    // The signature is over the bytes as they came.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post(
      '/forge/webhook',
      {
        schema: {
          summary: 'Webhook of Gitea, Forgejo or GitHub; signed with CRAFTING_FORGE_WEBHOOK_SECRET',
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
        // The forge sends a delivery again when it got no answer.
        const draft = { type: 'ForgeEventReceived' as const, id: data.delivery_id, data };
        const { seq } = await appendOnce(log, draft, { expect: 0 });
        return { ok: true as const, seq };
      },
    );
  });
};

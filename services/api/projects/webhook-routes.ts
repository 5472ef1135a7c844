import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import type { Webhook } from '../../../events/projects/project.ts';
import { targetKey } from '../../../projections/notices/notice-targets.ts';
import { AppError } from '../../floor/app-error.ts';
import { sendWebhook } from '../../io/webhook/send-webhook.ts';
import { openTroubleHints } from '../../io/webhook/trouble-hints.ts';
import { webhookBody } from '../../notifier/rules/chat-body.ts';
import { pingOf } from '../../notifier/rules/notice-body.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { webhookTarget } from './kept-webhooks.ts';
import { ownProject } from './project-routes.ts';

const named = Type.Object({ name: Type.String() });
const byId = Type.Object({ name: Type.String(), id: Type.String() });

const WebhookState = Type.Object({
  id: Type.String(),
  host: Type.String(),
  on: Type.Array(Type.String()),
  format: Type.String(),
  /** It is told of nothing that happened before. */
  since_seq: Type.Integer(),
  pending: Type.Integer(),
  sent: Type.Integer(),
  last_sent_seq: nullable(Type.Integer()),
  last_sent_at: nullable(Type.String()),
  last_failure: nullable(Type.Object({ event_seq: Type.Integer(), at: Type.String(), reason: Type.String() })),
  /** It answered 410: nothing is sent until its address changes or a replay is asked for. */
  gone: Type.Boolean(),
  /** While it does not hear: which event it does not hear of, why, and when it is tried again. */
  trying: nullable(
    Type.Object({
      event_seq: Type.Integer(),
      attempts: Type.Integer(),
      since: Type.String(),
      next_try: Type.String(),
      reason: Type.String(),
    }),
  ),
});

/** Webhooks of a project: how far each of them is told, telling again, and a ping. */
export const webhookRoutes: Routes = (app, deps) => {
  const { log, models } = deps;
  app.get(
    '/projects/:name/webhooks',
    {
      schema: {
        summary: 'The webhooks of a project: what each has heard, what waits, and when it is tried again',
        params: named,
        response: { 200: success({ webhooks: Type.Array(WebhookState) }) },
      },
    },
    async (request) => {
      const { name, notify } = ownProject(request.params.name, callerOf(request), deps);
      const webhooks = await Promise.all((notify.webhooks ?? []).map((webhook) => stateOf(name, webhook, deps)));
      return { ok: true as const, webhooks };
    },
  );
  app.post(
    '/projects/:name/webhooks/:id/replay',
    {
      schema: {
        summary: 'Tell a webhook again of everything from a sequence on, a thousand events at most',
        params: byId,
        querystring: Type.Object({ from: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) }),
        response: { 202: success({ from: Type.Integer(), events: Type.Integer(), seq: Type.Integer() }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { project, id } = ownWebhook(request.params, caller, deps);
        const { from } = request.query;
        const events = models.query().notices.replayable(project, id, from);
        const data = { project, target: id, from_seq: from, by: caller.name };
        const { seq } = await log.append({ type: 'NoticeReplayRequested', id: `${project}/${id}`, data });
        reply.code(202);
        return { ok: true as const, from, events, seq };
      }),
  );
  app.post(
    '/projects/:name/webhooks/:id/test',
    {
      schema: {
        summary: 'Send a ping to a webhook now, and say what came back',
        params: byId,
        response: {
          200: success({
            heard: Type.Boolean(),
            status: nullable(Type.Integer()),
            ms: Type.Integer(),
            reason: nullable(Type.String()),
          }),
        },
      },
    },
    async (request) => {
      const { project, webhook } = ownWebhook(request.params, callerOf(request), deps);
      const target = await webhookTarget(webhook.target_ref, deps);
      if (!target) throw new AppError('unavailable', 'The address of the webhook cannot be read any more.');
      const [now, startedAt] = [deps.clock.now(), performance.now()];
      const ping = pingOf(models.query().projects.nameOf(project), {
        id: randomUUID(),
        time: new Date(now).toISOString(),
      });
      const facts = { publicUrl: deps.config.publicUrl, job: null };
      const outcome = await sendWebhook({
        target,
        format: webhook.format,
        notice: { id: ping.id, type: ping.type, body: webhookBody(webhook.format, ping, facts) },
        allow: deps.config.notifyAllow,
        version: deps.version,
        now,
      });
      const { delivered, status } = outcome;
      const ms = Math.round(performance.now() - startedAt);
      return { ok: true as const, heard: delivered, status, ms, reason: outcome.delivered ? null : outcome.reason };
    },
  );
};

function ownWebhook({ name, id }: { name: string; id: string }, caller: ReturnType<typeof callerOf>, deps: ApiDeps) {
  const project = ownProject(name, caller, deps);
  const webhook = project.notify.webhooks?.find((one) => one.id === id);
  if (!webhook) throw new AppError('not_found', 'There is no such webhook.');
  return { project: project.name, id, webhook };
}

async function stateOf(project: string, { id, host, on, format }: Webhook, { models, hints }: ApiDeps) {
  const target = models.query().notices.target(project, 'webhook', id);
  const { since_seq = 0, pending = 0, sent = 0, last_sent_seq = null, last_sent_at = null } = target ?? {};
  const trouble = pending === 0 ? null : await openTroubleHints(hints).get(targetKey(project, 'webhook', id));
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    ...{ id, host, on, format, since_seq, pending, sent, last_sent_seq, last_sent_at },
    last_failure: target?.last_failure ?? null,
    gone: target?.gone ?? false,
    trying: trouble && {
      event_seq: trouble.event_seq,
      attempts: trouble.attempts,
      since: time(trouble.since),
      next_try: time(trouble.next_at),
      reason: trouble.reason,
    },
  };
}

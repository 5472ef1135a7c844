import type { JobDoc } from '../../projections/jobs/jobs.ts';
import { nameOf } from '../../projections/projects/projects.ts';
import type { Outcome } from '../floor/notice-outcome.ts';
import { sendWebhook, type WebhookTarget } from '../io/webhook/send-webhook.ts';
import { briefOf } from './job-brief.ts';
import { type Delivery, type NotifierDeps, undelivered } from './notice-delivery.ts';
import { webhookBody } from './rules/chat-body.ts';
import { noticeOf } from './rules/notice-body.ts';

/** Tells a webhook of an event. */
export async function deliverWebhook({ target, project, event, signal, deps }: Delivery): Promise<Outcome> {
  const { config, clock, version, resolve } = deps;
  const webhook = project.notify.webhooks?.find(({ id }) => id === target.target);
  if (!webhook) return undelivered('is no webhook of the project any more');
  const kept = await deps.vault.get(webhook.target_ref).catch(() => null);
  if (kept === null) return undelivered('has an address that cannot be read any more');
  const job = jobOf(event.data, deps);
  const brief = event.type === 'FindingsParsed' && job ? briefOf(job.job_id, deps.models.query()) : null;
  const notice = { ...noticeOf(event, project.name, job, brief), project: nameOf(project) };
  const body = webhookBody(webhook.format, notice, { publicUrl: config.publicUrl, job, brief });
  return sendWebhook({
    target: JSON.parse(kept) as WebhookTarget,
    format: webhook.format,
    notice: { id: notice.id, type: notice.type, body },
    allow: config.notifyAllow,
    version,
    now: clock.now(),
    resolve,
    signal,
  });
}

/** The job that an event is about. */
export function jobOf(data: Delivery['event']['data'], { models }: Pick<NotifierDeps, 'models'>): JobDoc | null {
  const found = 'job_id' in data ? models.query().jobs.find(data.job_id) : undefined;
  return found ? (JSON.parse(found.doc) as JobDoc) : null;
}

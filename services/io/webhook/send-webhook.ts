import { createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { WebhookFormat } from '../../../events/projects/project.ts';
import type { CidrSet } from '../../floor/cidr.ts';
import type { Outcome } from '../../floor/notice-outcome.ts';
import { type Posted, postPinned, type Resolve } from './pinned-request.ts';

/** What the vault holds of a webhook. `made`: the secret is ours, and was shown once. */
export type WebhookTarget = { readonly url: string; readonly secret: string | null; readonly made?: boolean };

type WebhookOrder = {
  readonly target: WebhookTarget;
  readonly format: WebhookFormat;
  /** What is said there: `body` as it goes out, with the id and the name of the event. */
  readonly notice: { readonly id: string; readonly type: string; readonly body: string };
  readonly allow: CidrSet | null;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly resolve?: Resolve | undefined;
  readonly signal?: AbortSignal | undefined;
};

const chats: readonly WebhookFormat[] = ['slack', 'mattermost', 'discord'];

/** A secret as Standard Webhooks wants them. */
export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Whether a format is signed, so that a webhook of it needs a secret. */
export function isSigned(format: WebhookFormat): boolean {
  return !chats.includes(format);
}

/** Tells a webhook once, and says what came of it. Never throws. */
export async function sendWebhook(order: WebhookOrder): Promise<Outcome> {
  const {
    target,
    notice: { body },
    now,
  } = order;
  const url = URL.parse(target.url);
  if (!url)
    return outcomeOf({ status: null, reason: 'has an address that is none', retryAfter: null, forbidden: true }, now);
  const { allow, resolve, signal } = order;
  const headers = { 'content-type': 'application/json', 'user-agent': `crafting-table/${order.version}` };
  const posted = await postPinned({ url, body, headers, proof: proofOf(order), allow, resolve, signal });
  return outcomeOf(posted, now);
}

function proofOf({ target: { secret }, format, notice, now }: WebhookOrder): Record<string, string> {
  const { body } = notice;
  if (!isSigned(format)) return {};
  if (format === 'gitea') {
    const event = { 'x-gitea-event': notice.type, 'x-gitea-event-type': notice.type, 'x-gitea-delivery': notice.id };
    if (secret === null) return event;
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return { ...event, 'x-gitea-signature': signature, 'x-hub-signature-256': `sha256=${signature}` };
  }
  const at = new Date(now);
  const stamp = { 'webhook-id': notice.id, 'webhook-timestamp': String(Math.floor(now / 1000)) };
  return secret === null ? stamp : { ...stamp, 'webhook-signature': new Webhook(secret).sign(notice.id, at, body) };
}

/** 2xx is delivered, 410 says that nobody is there any more, everything else is tried again. */
function outcomeOf({ status, reason, retryAfter, forbidden }: Posted, now: number): Outcome {
  if (status !== null && status >= 200 && status <= 299) return { delivered: true, status, reference: null };
  const waits = status === 429 || status === 503;
  const lasting = status === 410 ? 'target' : forbidden ? 'notice' : null;
  return { delivered: false, status, reason, retryAfterSecs: waits ? secondsOf(retryAfter, now) : null, lasting };
}

/** `Retry-After`: seconds, or a date; null when it says nothing that can be read. */
function secondsOf(header: string | null, now: number): number | null {
  if (header === null) return null;
  const secs = /^\d{1,9}$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(secs) && secs > 0 ? Math.ceil(secs) : null;
}

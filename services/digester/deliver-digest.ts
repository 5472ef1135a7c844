import { backoffMs } from '../../events/backoff.ts';
import type { Recorded } from '../../events/registry.ts';
import type { Clock } from '../floor/clock.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import { composeMail, messageIdOf } from '../io/mail/compose-mail.ts';
import type { Delivery, MailRelay } from '../io/mail/mail-relay.ts';
import type { Recipient } from '../io/mail/recipients.ts';
import { countsOf, type DigestContent } from './rules/digest-content.ts';
import type { DueDate } from './rules/digest-dates.ts';
import { rendered } from './rules/digest-mails.ts';

export type DeliveryDeps = {
  readonly log: EventLog;
  readonly logger: Log;
  readonly clock: Clock;
  readonly relay: MailRelay;
  readonly from: string;
  /** Where people reach the farm; null when that is not known. */
  readonly publicUrl: string | null;
  /** Of the digest, as the mail names it. */
  readonly timezone: string;
  /** After so long, in ms, nobody is handing over a mail any more that was about to be. */
  readonly unknownAfterMs: number;
};

export type OneMail = {
  readonly due: DueDate;
  readonly to: Recipient;
  /** Which mail of that date to them this is: 0 for the first. */
  readonly batch: number;
  readonly content: DigestContent;
  readonly window: { readonly from_seq: number; readonly to_seq: number };
};

const dayMs = 86_400_000;
const pauses = { firstMs: 60_000, longestMs: 3_600_000 };

/** The pause before the next attempt, in ms, after so many. */
function pauseAfter(attempts: number): number {
  return backoffMs(attempts, pauses, 0);
}

/**
 * Brings the mail of a date to one recipient further: hands it over, once. What was handed over and not heard of is not sent
 * again. Answers whether anything is left to do, now or later.
 */
export async function deliver(mail: OneMail, deps: DeliveryDeps): Promise<'over' | 'waiting'> {
  const { due, to, batch, content } = mail;
  const place = batch === 0 ? to.recipient : `${to.recipient}.${batch}`;
  const id = `${due.date}.${place}`;
  const [sending, sent, failed] = await Promise.all([
    deps.log.last('DigestSending', id),
    deps.log.last('DigestSent', id),
    deps.log.last('DigestFailed', id),
  ]);
  if (sent) return 'over';
  const now = deps.clock.now();
  const base = {
    date: due.date,
    recipient: to.recipient,
    projects: content.sections.map(({ project }) => project),
    message_id: messageIdOf(due.date, place, deps.from),
  };
  const fail = (attempt: number, permanent: boolean, reason: string) =>
    appendOnce(
      deps.log,
      { type: 'DigestFailed', id, data: { ...base, attempt, permanent, reason } },
      { expect: failed?.seq ?? 0 },
    );
  if (sending) {
    const attempt = sending.data.attempt;
    if (!failed || failed.seq < sending.seq) {
      if (now - Date.parse(sending.time) < deps.unknownAfterMs) return 'waiting';
      const reason = 'outcome unknown: whoever handed the mail over is gone; it is not sent again';
      await fail(attempt, true, reason);
      deps.logger.warn({ date: due.date, recipient: to.recipient }, 'digest: nobody knows whether a mail was sent');
      return 'over';
    }
    if (failed.data.permanent) return 'over';
    if (now - due.dueMs > dayMs) {
      await fail(attempt, true, `given up after a day: ${failed.data.reason}`.slice(0, 1024));
      return 'over';
    }
    if (now < Date.parse(failed.time) + pauseAfter(attempt)) return 'waiting';
  }
  return handOver({ mail, id, base, before: sending, fail }, deps);
}

type HandOver = {
  mail: OneMail;
  id: string;
  base: { date: string; recipient: string; projects: string[]; message_id: string };
  before: Recorded<'DigestSending'> | null;
  fail: (attempt: number, permanent: boolean, reason: string) => Promise<unknown>;
};

async function handOver({ mail, id, base, before, fail }: HandOver, deps: DeliveryDeps): Promise<'over' | 'waiting'> {
  const { due, to, content, window } = mail;
  const { subject, text, html } = rendered(content, deps.publicUrl, deps.timezone);
  const bytes = await composeMail({
    from: deps.from,
    to: to.address,
    subject,
    text,
    html,
    messageId: base.message_id,
    // When it is sent: by that mail programs order what is read, and nobody looks under yesterday.
    dateMs: deps.clock.now(),
  });
  const attempt = (before?.data.attempt ?? 0) + 1;
  const claim = { type: 'DigestSending' as const, id, data: { ...base, attempt } };
  if ((await appendOnce(deps.log, claim, { expect: before?.seq ?? 0 })).outcome === 'there') return 'waiting';
  const delivery = await deps.relay.send(bytes, to.address);
  if (delivery.outcome === 'sent') {
    const data = { ...base, ...window, counts: countsOf(content) };
    await appendOnce(deps.log, { type: 'DigestSent', id, data }, { expect: 0 });
    deps.logger.info({ date: due.date, recipient: to.recipient, attempt }, 'digest sent');
    return 'over';
  }
  return recordFailure(delivery, { due, to, attempt, fail }, deps);
}

type Failing = { due: DueDate; to: Recipient; attempt: number; fail: HandOver['fail'] };

async function recordFailure(
  { outcome, reason }: Exclude<Delivery, { outcome: 'sent' }>,
  { due, to, attempt, fail }: Failing,
  { logger }: DeliveryDeps,
): Promise<'over' | 'waiting'> {
  const words = outcome === 'unknown' ? `outcome unknown: ${reason}` : reason;
  await fail(attempt, outcome !== 'deferred', words);
  logger.warn({ date: due.date, recipient: to.recipient, attempt, outcome, reason }, 'digest not sent');
  return outcome === 'deferred' ? 'waiting' : 'over';
}

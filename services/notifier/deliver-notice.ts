import type { Draft, Recorded } from '../../events/registry.ts';
import type { DueNotice, WaitingTarget } from '../../projections/notices/notice-queries.ts';
import type { NoticeChannel } from '../../projections/notices/notice-targets.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { AppError } from '../floor/app-error.ts';
import type { Failure, Outcome, Trouble } from '../floor/notice-outcome.ts';
import { appendOnce } from '../io/event-log.ts';
import { deliverFindings } from './deliver-findings.ts';
import { deliverStatus } from './deliver-status.ts';
import { deliverWebhook } from './deliver-webhook.ts';
import { type Delivery, type NotifierDeps, undelivered } from './notice-delivery.ts';
import { afterFailure, attemptsOf } from './rules/retry-notice.ts';

const deliverers: Readonly<Record<NoticeChannel, (delivery: Delivery) => Promise<Outcome>>> = {
  webhook: deliverWebhook,
  commit_status: deliverStatus,
  clawdforge: deliverFindings,
};

/** What came of one notice: where in the log its end is recorded, null when it is to be tried again; and how the target stands now. */
type Delivered = { readonly seq: number | null; readonly trouble: Trouble | null };

type DueDelivery = {
  readonly target: WaitingTarget;
  readonly due: DueNotice;
  readonly before: Trouble | null;
  readonly signal: AbortSignal;
};

/** Delivers to a target the first event that it waits for, and records what came of it. */
export async function deliverNotice(delivery: DueDelivery, deps: NotifierDeps): Promise<Delivered> {
  const { target, due, before, signal } = delivery;
  const { log, models, clock } = deps;
  const id = noticeId(target, due);
  // Delivered already, and the read model does not know it yet; or somebody else has told it.
  const known = (await log.last('NoticeSent', id)) ?? (await log.last('NoticeFailed', id));
  if (known) return { seq: known.seq, trouble: null };
  const event = await log.at(due.event_seq);
  const project = models.query().projects.find(target.project);
  if (!event || !project) throw new AppError('unavailable', 'The project or the event is not there.');
  await log.flush();
  const outcome = belongsTo(project, event, deps)
    ? await deliverers[target.channel]({ target, project, event, signal, deps })
    : undelivered('belongs to an earlier project of this name');
  if (signal.aborted && !outcome.delivered) throw new AppError('unavailable', 'The notifier is closing.');
  if (outcome.delivered) return { seq: await record(sentOf(delivery, outcome), deps), trouble: null };
  const now = clock.now();
  const trouble = afterFailure(due, outcome, { before, ref: addressOf(target, project), now, chance: Math.random() });
  if (trouble) return { seq: null, trouble };
  const seq = await record(failedOf(delivery, outcome), deps);
  // Given up after a day: the target is as deaf as before, and whatever else is that old gets one try.
  return { seq, trouble: outcome.lasting === null && before ? { ...before, next_at: now } : null };
}

/** The reference of the address that is used now; a webhook that moved has no past. */
export function addressOf({ channel, target }: WaitingTarget, project: ProjectDoc | undefined): string {
  if (channel !== 'webhook') return '';
  return project?.notify.webhooks?.find(({ id }) => id === target)?.target_ref ?? '';
}

/** One for each event and target, and one more for each time it is delivered again. */
function noticeId({ project, target }: WaitingTarget, { event_seq, due_seq }: DueNotice): string {
  const first = `${project}/${target}/${event_seq}`;
  return due_seq === event_seq ? first : `${first}/${due_seq}`;
}

/** A name may have been somebody else's project before: what belongs to jobs of that time is not for this one's targets. */
function belongsTo(project: ProjectDoc, event: Recorded, { models }: NotifierDeps): boolean {
  return !('job_id' in event.data) || models.query().jobs.find(event.data.job_id)?.owner === project.owner;
}

function noticeData({ target, due, before }: DueDelivery) {
  const { project, channel, target: name } = target;
  const { event_seq, event_type } = due;
  return { project, channel, target: name, event_seq, event_type, attempts: attemptsOf(due, before) + 1 };
}

function sentOf(
  delivery: DueDelivery,
  { status, reference }: Extract<Outcome, { delivered: true }>,
): Draft<'NoticeSent'> {
  const id = noticeId(delivery.target, delivery.due);
  return { type: 'NoticeSent', id, data: { ...noticeData(delivery), status, reference } };
}

function failedOf(delivery: DueDelivery, { reason, lasting }: Failure): Draft<'NoticeFailed'> {
  const gone = lasting === 'target' ? { target_gone: true } : {};
  const data = { ...noticeData(delivery), reason: reason.slice(0, 1024), ...gone };
  return { type: 'NoticeFailed', id: noticeId(delivery.target, delivery.due), data };
}

/** Receivers know a notice that comes twice by its id. So the next one goes out before this record is on the disk. */
async function record(draft: Draft<'NoticeSent' | 'NoticeFailed'>, { log }: NotifierDeps): Promise<number> {
  return (await appendOnce(log, draft, { expect: 0, durable: false })).seq;
}

import { messageOf } from '../floor/app-error.ts';
import { appendOnce } from '../io/event-log.ts';
import { openMailRelay, usualWholeMs } from '../io/mail/mail-relay.ts';
import { type RoundDeps, runDigest } from './digest-round.ts';
import type { DigesterDeps } from './digester-deps.ts';
import { type DueDate, dateAt, dueMsOf, lastDueDate } from './rules/digest-dates.ts';
import { everyProject, overdueDigest } from './rules/due-digests.ts';

/** How often it is looked whether something is due, in ms. */
const lookEveryMs = 5_000;
const lookBackMs = 36 * 3_600_000;

/** Starts the role; closing it waits for what it does at the moment. Without a relay it does nothing. */
export async function startDigester(deps: DigesterDeps): Promise<{ stop(): Promise<void> }> {
  const { config, clock, logger, mail = {} } = deps;
  if (!config.smtp) return { stop: async () => {} };
  const round: RoundDeps = {
    ...deps,
    relay: openMailRelay({ ...config.smtp, ...mail }),
    from: config.smtp.from,
    publicUrl: config.publicUrl,
    timezone: config.digestTimezone,
    sections: new Map(),
    unknownAfterMs: mail.unknownAfterMs ?? 2 * usualWholeMs,
  };
  /** How many projects a date had when all of it was over. */
  const over = new Map<string, number>();
  let stopping = false;
  const look = async () => {
    const now = clock.now();
    for (const due of datesToLookAt(now, deps)) {
      if (stopping) return;
      const before = deps.models.query().digests.due(due.date).length;
      if (over.get(due.date) === before) continue;
      if (!(await runDigest(due, round, () => stopping))) continue;
      round.sections.clear();
      over.set(due.date, deps.models.query().digests.due(due.date).length);
    }
    await noticeOverdue(now, deps);
  };
  const ticking = clock.every(lookEveryMs, () =>
    look().catch((error) => logger.warn({ error: messageOf(error) }, 'digests could not be looked after')),
  );
  return {
    stop: async () => {
      stopping = true;
      await ticking.stop();
    },
  };
}

/** The date that is due, and those of the last day and a half that somebody asked for or that are not over. */
function datesToLookAt(now: number, { config, models }: DigesterDeps): DueDate[] {
  const last = lastDueDate(now, config);
  const begun = models.query().digests.datesSince(dateAt(now - lookBackMs, config));
  return [...new Set([...begun, last.date])].sort().map((date) => ({ date, dueMs: dueMsOf(date, config) ?? now }));
}

/** Says once a date, in the log of events and in our own, that a digest should have been sent and was not. */
async function noticeOverdue(now: number, deps: DigesterDeps): Promise<void> {
  const { config, models, logger } = deps;
  const overdue = overdueDigest(now, config, everyProject(models.query().projects), models.query().digests);
  if (overdue === null || models.query().digests.isOverdue(overdue.date)) return;
  const { date, projects, reason } = overdue;
  const data = { date, projects: [...projects], reason };
  const { outcome } = await appendOnce(deps.log, { type: 'DigestOverdue', id: date, data }, { expect: 0 });
  if (outcome === 'appended') logger.warn({ date, projects: projects.length, reason }, 'a digest is overdue');
}

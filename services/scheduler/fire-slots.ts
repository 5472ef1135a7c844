import type { ScheduleDoc } from '../../projections/jobs/schedules.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { derivedJobs, slotId } from './rules/derived-jobs.ts';
import { type DueSlot, dueSlot, type Standing, standingOf } from './rules/due-slot.ts';
import { slotAfter } from './rules/slots-between.ts';

type FiringDeps = {
  readonly config: Pick<Config, 'digestTimezone'>;
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
};

/** Under which name this service does what nobody asked it for. */
export const ownName = 'crafting-table';

/**
 * Looks which slots have come and uses them: the event of a slot is appended as the first of its subject, so of any number
 * of schedulers one uses it. The jobs are made of the event, by its consumer.
 */
export function fireSlots(deps: FiringDeps): () => Promise<void> {
  const { config, models, logger, clock } = deps;
  /** The last slot that each schedule used or lost to another scheduler: the read model may not know yet. */
  const handled = new Map<string, number>();
  const quiet = quietUntil();
  return async () => {
    const nowMs = clock.now();
    for (const schedule of models.query().schedules.enabled()) {
      const { project, recipe } = schedule;
      const key = `${project}/${recipe}`;
      try {
        const used = models.query().schedules.lastUsed(project, recipe, new Date(nowMs).toISOString());
        const standing = standingOf(schedule, used, config.digestTimezone);
        if (quiet.is(key, standing, nowMs)) continue;
        const due = dueSlot(standing, nowMs);
        // What is too late to be used stays so until the next slot.
        if (due === null) quiet.rest(key, standing, nowMs);
        if (due === null || handled.get(key) === due.slotMs) continue;
        await fire(schedule, due, deps);
        handled.set(key, due.slotMs);
      } catch (error) {
        logger.warn({ project, recipe, error: messageOf(error) }, 'a schedule could not be used, will try again');
      }
    }
  };
}

async function fire({ project: name, recipe }: ScheduleDoc, due: DueSlot, { log, models }: FiringDeps) {
  const project = models.query().projects.find(name);
  const slot = new Date(due.slotMs).toISOString();
  const id = slotId(name, recipe, slot);
  const jobs = project ? derivedJobs(project, [recipe], { id, by: ownName }).map(({ job_id }) => job_id) : [];
  if (jobs.length === 0) return;
  const data = { project: name, recipe, slot, why: due.why, missed: due.missed, by: ownName, jobs };
  await appendOnce(log, { type: 'ScheduleFired', id, data }, { expect: 0 });
}

/** Whether a schedule has nothing to do before a moment that was worked out once: most of them, most of the time. */
function quietUntil() {
  const known = new Map<string, { of: string; atMs: number; nextMs: number }>();
  const began = ({ sinceMs, usedMs }: Standing) => Math.max(sinceMs, usedMs ?? 0);
  const nameOf = (one: Standing) =>
    `${one.times.timezone} ${one.times.when} ${began(one)} ${one.catchUp} ${one.delayMs}`;
  const keep = (key: string, standing: Standing, { atMs, afterMs }: { atMs: number; afterMs: number }) => {
    const nextMs = slotAfter(standing.times, afterMs) ?? Number.POSITIVE_INFINITY;
    known.set(key, { of: nameOf(standing), atMs, nextMs });
    return nextMs;
  };
  return {
    is: (key: string, standing: Standing, nowMs: number): boolean => {
      const before = known.get(key);
      // A clock that went back is believed: what was worked out ahead of it is not.
      const holds = before !== undefined && before.of === nameOf(standing) && before.atMs <= nowMs;
      const nextMs = holds
        ? before.nextMs
        : keep(key, standing, { atMs: nowMs, afterMs: Math.min(began(standing), nowMs) });
      return nowMs < nextMs + standing.delayMs;
    },
    /** Nothing that has passed by now is used any more: the next slot is the first that can be. */
    rest: (key: string, standing: Standing, nowMs: number): void =>
      void keep(key, standing, { atMs: nowMs, afterMs: nowMs - standing.delayMs }),
  };
}

import { createHash } from 'node:crypto';
import type { RecipeName } from '../../../events/fields.ts';
import type { ScheduleDoc } from '../../../projections/jobs/schedules.ts';
import type { Times } from './schedule-words.ts';
import { lastSlot, slotAfter, slotsBetween } from './slots-between.ts';

/** What is known of one schedule; moments in milliseconds since 1970. */
export type Standing = {
  readonly times: Times;
  readonly catchUp: 'last' | 'none';
  /** How much later than its slots it starts. */
  readonly delayMs: number;
  /** Since when it has been as it is: no slot before that is missed. */
  readonly sinceMs: number;
  /** The last slot that was used, of those that are not in the future; null for none. */
  readonly usedMs: number | null;
};

export type DueSlot = {
  readonly slotMs: number;
  readonly why: 'time' | 'catch_up';
  /** Slots before it that nobody used; 1000 stands for as many or more. */
  readonly missed: number;
};

/** A slot that is used later than this was missed. */
const graceMs = 5 * 60_000;
/** A schedule from further ahead than this was written by a clock that went wrong. */
const doubtMs = 3_600_000;
const mostMissed = 1_000;
const mostShown = 100;

/** What is known of a schedule whose last used slot is `used` (ISO); its times are read in the usual zone where it names none. */
export function standingOf(schedule: ScheduleDoc, used: string | null, usualZone: string): Standing {
  const { project, recipe, when, timezone, catch_up, jitter_secs, since } = schedule;
  return {
    times: { when, timezone: timezone ?? usualZone },
    catchUp: catch_up,
    delayMs: delayOf(project, recipe, jitter_secs),
    sinceMs: Date.parse(since),
    usedMs: used === null ? null : Date.parse(used),
  };
}

/** The slot to use now, or null. Of several that have passed it is the last one, the others count as missed. */
export function dueSlot(standing: Standing, nowMs: number): DueSlot | null {
  const { times, catchUp, delayMs } = standing;
  const beganMs = begun(standing, nowMs);
  const untilMs = nowMs - delayMs;
  const slotMs = untilMs > beganMs ? lastSlot(times, beganMs, untilMs) : null;
  if (slotMs === null) return null;
  const isLate = untilMs - slotMs > graceMs;
  if (isLate && catchUp === 'none') return null;
  const missed = slotsBetween(times, beganMs, slotMs - 1, mostMissed).length;
  return { slotMs, why: isLate ? 'catch_up' : 'time', missed };
}

type Counted = { readonly count: number; readonly untilMs: number; readonly nextMs: number | null };

/** To walk through a hundred slots takes 10 ms, and lists ask of every schedule: the count goes on from where it was. */
const counted = new Map<string, Counted>();
const keptCounts = 5_000;

/** Slots that have passed and that nobody used, those that may still be used in time left out; at most 100. */
export function unusedSlots(standing: Standing, nowMs: number): number {
  const { times, delayMs } = standing;
  const beganMs = begun(standing, nowMs);
  const untilMs = nowMs - delayMs - graceMs;
  const key = `${times.timezone}\n${times.when}\n${beganMs}\n${delayMs}`;
  const known = counted.get(key);
  const from = known && known.untilMs <= untilMs ? known : { count: 0, nextMs: slotAfter(times, beganMs) };
  let { count, nextMs } = from;
  for (; nextMs !== null && nextMs <= untilMs && count < mostShown; count += 1) nextMs = slotAfter(times, nextMs);
  if (counted.size >= keptCounts) counted.clear();
  counted.set(key, { count, untilMs, nextMs });
  return count;
}

function begun({ sinceMs, usedMs }: Standing, nowMs: number): number {
  return Math.max(sinceMs > nowMs + doubtMs ? nowMs - graceMs : sinceMs, usedMs ?? 0);
}

/** How much later than its slots a schedule starts, in ms: the same for everyone who asks, and spread over a fleet. */
export function delayOf(project: string, recipe: RecipeName, jitterSecs: number): number {
  const hash = createHash('sha256').update(`${project}\n${recipe}`).digest();
  return Math.floor((hash.readUInt32BE(0) / 2 ** 32) * jitterSecs * 1000);
}

import { recipeNames } from '../../../events/fields.ts';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import { cronOf, type Times, timesOf } from './schedule-words.ts';

/** The first slot after a moment, or null when there is none any more. All moments are milliseconds since 1970. */
export function slotAfter(times: Times, afterMs: number): number | null {
  return cronOf(times).nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** The next slots after a moment, as ISO times. */
export function nextSlots(times: Times, afterMs: number, count: number): string[] {
  return cronOf(times)
    .nextRuns(count, new Date(afterMs))
    .map((slot) => slot.toISOString());
}

/**
 * The slots after `fromMs` up to `toMs`, that one included; at most so many. A time of day that the clocks skip comes at the
 * first moment after the gap; one that they show twice comes once, the first time.
 */
export function slotsBetween(times: Times, fromMs: number, toMs: number, most = Number.POSITIVE_INFINITY): number[] {
  const slots: number[] = [];
  for (let slot = slotAfter(times, fromMs); slot !== null && slot <= toMs; slot = slotAfter(times, slot)) {
    if (slots.length >= most) break;
    slots.push(slot);
  }
  return slots;
}

/** The last slot after `fromMs` and not after `toMs`, or null. Found by halving: there may be a year of minutes between them. */
export function lastSlot(times: Times, fromMs: number, toMs: number): number | null {
  const first = slotAfter(times, fromMs);
  if (first === null || first > toMs) return null;
  let [last, end] = [first, toMs];
  for (;;) {
    const next = slotAfter(times, last);
    if (next === null || next > end) return last;
    last = next;
    const middle = last + Math.floor((end - last) / 2);
    const later = slotAfter(times, middle);
    if (later !== null && later <= end) last = later;
    else end = middle;
  }
}

/** The next three slots of each recipe of a project that has a time and is not switched off, as ISO times. */
export function nextRuns(project: ProjectDocument, usualZone: string, afterMs: number): Record<string, string[]> {
  const { enabled, schedule } = project;
  return Object.fromEntries(
    recipeNames.flatMap((recipe) => {
      const times = timesOf(schedule, recipe, usualZone);
      const isUsed = enabled && times !== null && !schedule.disabled?.includes(recipe);
      return isUsed ? [[recipe, nextSlots(times, afterMs, 3)] as const] : [];
    }),
  );
}

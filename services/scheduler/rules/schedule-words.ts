import { Cron } from 'croner';
import { type RecipeName, recipeNames } from '../../../events/fields.ts';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import type { Fault } from '../../floor/app-error.ts';

type ScheduleWords = ProjectDocument['schedule'];

/** When a recipe is run: a cron expression of five fields or `HH:MM`, read in an IANA time zone. */
export type Times = { readonly when: string; readonly timezone: string };

const clockTime = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const keptCrons = 4_000;
const crons = new Map<string, Cron>();

/** The times of a recipe, in the zone that its project names or else in the usual one; null when it has none. */
export function timesOf(schedule: ScheduleWords, recipe: RecipeName, usualZone: string): Times | null {
  const when = schedule[recipe];
  return when === undefined ? null : { when, timezone: schedule.timezone ?? usualZone };
}

/** The expression behind the words; the same for the same words. Throws what croner says of words that it cannot read. */
export function cronOf({ when, timezone }: Times): Cron {
  const key = `${timezone} ${when}`;
  const known = crons.get(key);
  if (known) return known;
  const [, hour, minute] = clockTime.exec(when) ?? [];
  const pattern = hour === undefined || minute === undefined ? when : `${Number(minute)} ${Number(hour)} * * *`;
  // Lists and ranges count as times of day, too: on the days when clocks change they come once.
  const cron = new Cron(pattern, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
  if (crons.size >= keptCrons) crons.clear();
  crons.set(key, cron);
  return cron;
}

/** What is wrong with a schedule, by field. */
export function scheduleFaults(schedule: ScheduleWords): Fault[] {
  const { timezone } = schedule;
  const isKnown = timezone === undefined || isTimezone(timezone);
  const zone: Fault[] = isKnown
    ? []
    : [{ path: '/body/schedule/timezone', message: 'expected an IANA time zone such as Europe/Berlin' }];
  const times = recipeNames.flatMap((recipe): Fault[] => {
    const message = wrongIn(schedule[recipe], isKnown ? (timezone ?? 'UTC') : 'UTC');
    return message === null ? [] : [{ path: `/body/schedule/${recipe}`, message }];
  });
  return [...zone, ...times];
}

/** What a schedule names and the project has no command for, by field. */
export function scheduleWarnings({
  schedule,
  subprojects,
}: Pick<ProjectDocument, 'schedule' | 'subprojects'>): Fault[] {
  const isThere = (recipe: RecipeName) => subprojects.some((one) => one[recipe] !== undefined);
  const missing = (recipe: RecipeName) => `no subproject has a ${recipe} recipe, so nothing is run`;
  return [
    ...recipeNames
      .filter((recipe) => schedule[recipe] !== undefined && !isThere(recipe))
      .map((recipe) => ({ path: `/schedule/${recipe}`, message: missing(recipe) })),
    ...(schedule.on_push ?? [])
      .filter((recipe) => !isThere(recipe))
      .map((recipe) => ({ path: '/schedule/on_push', message: missing(recipe) })),
  ];
}

function wrongIn(when: string | undefined, timezone: string): string | null {
  if (when === undefined || clockTime.test(when)) return null;
  // croner reads `?` as the time at which it is asked, and then every scheduler would have a schedule of its own.
  if (when.trim().split(/\s+/).length !== 5 || when.includes('?'))
    return 'expected HH:MM or a cron expression of five fields';
  try {
    return cronOf({ when, timezone }).nextRun(new Date(0)) === null ? 'names a time that never comes' : null;
  } catch (error) {
    const words = (error instanceof Error ? error.message : '').replace(/^CronPattern: /, '').slice(0, 200);
    return `expected HH:MM or a cron expression of five fields: ${words}`;
  }
}

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

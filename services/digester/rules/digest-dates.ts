import { lastSlot, slotAfter } from '../../scheduler/rules/slots-between.ts';

/** When digests are due: a time of day in an IANA time zone. */
export type DigestTimes = { readonly digestTime: string; readonly digestTimezone: string };

/** A day's digest, and the moment from which it is due, in milliseconds since 1970. */
export type DueDate = { readonly date: string; readonly dueMs: number };

const dayMs = 86_400_000;
/** Two days and a half hold a slot whatever the clocks do. */
const lookBackMs = 2.5 * dayMs;

const timesOf = ({ digestTime, digestTimezone }: DigestTimes) => ({ when: digestTime, timezone: digestTimezone });

/** The date that a moment has in the time zone of the digest. */
export function dateAt(ms: number, { digestTimezone }: DigestTimes): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: digestTimezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(new Date(ms));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** The newest digest that is due by now. Once a day, also when the clocks change. */
export function lastDueDate(nowMs: number, times: DigestTimes): DueDate {
  const dueMs = lastSlot(timesOf(times), nowMs - lookBackMs, nowMs) ?? nowMs;
  return { date: dateAt(dueMs, times), dueMs };
}

/** The moment at which the digest of a date is due; null for a date that there is not. */
export function dueMsOf(date: string, times: DigestTimes): number | null {
  const noon = Date.parse(`${date}T12:00:00Z`);
  if (Number.isNaN(noon) || new Date(noon).toISOString().slice(0, 10) !== date) return null;
  for (let slot = slotAfter(timesOf(times), noon - 2 * dayMs); slot !== null && slot < noon + 2 * dayMs; ) {
    if (dateAt(slot, times) === date) return slot;
    slot = slotAfter(timesOf(times), slot);
  }
  return null;
}

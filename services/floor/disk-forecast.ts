import { counted } from './text/counted.ts';
/** What of the disk grows, and for how long. Times in ms since 1970, sizes in bytes. */
export type Growth = {
  /** Events and the read models made of them: they are never removed. */
  readonly events: number;
  readonly firstEventMs: number | null;
  /** Output of jobs: what is older than the retention goes. */
  readonly logs: number;
  readonly firstLogMs: number | null;
  readonly retentionDays: number;
};

export type DiskForecast = {
  /** What comes on a day, at the pace so far. */
  readonly bytes_per_day: number;
  /** Until no new work is taken, if nothing changes; null: not within ten years. */
  readonly days_left: number | null;
};

const day = 86_400_000;
const longestDays = 3_650;

/**
 * How long the room lasts at the pace so far. Null in the first day of a farm, which says nothing about the next ones.
 * @param room bytes above what the farm keeps free
 */
export function diskForecast(growth: Growth, room: number, nowMs: number): DiskForecast | null {
  const { events, firstEventMs, logs, firstLogMs, retentionDays } = growth;
  const age = (from: number | null) => (from === null ? 0 : (nowMs - from) / day);
  if (age(firstEventMs) < 1) return null;
  const eventsADay = events / age(firstEventMs);
  const logAge = Math.min(age(firstLogMs), retentionDays);
  const logsADay = logs / Math.max(1, logAge);
  // Once they reach the retention, as much goes as comes.
  const logsGrow = Math.max(0, retentionDays - logAge);
  const both = eventsADay + logsADay;
  const days = room <= logsGrow * both ? room / both : (room - logsGrow * logsADay) / eventsADay;
  return {
    bytes_per_day: Math.round(logsGrow > 0 ? both : eventsADay),
    days_left: Number.isFinite(days) && days <= longestDays ? Math.max(0, Math.floor(days)) : null,
  };
}

/** The same in words: `about 12 MB a day; at this pace the room lasts 90 days`. */
export function forecastWords(forecast: DiskForecast | null): string {
  if (forecast === null) return 'how long the room lasts is known after a day';
  const { bytes_per_day, days_left } = forecast;
  const lasts = days_left === null ? 'the room lasts for years' : `the room lasts ${counted(days_left, 'day')}`;
  return `about ${(bytes_per_day / 1e6).toFixed(1)} MB a day; at this pace ${lasts}`;
}

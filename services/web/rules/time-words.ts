const steps: readonly [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 minutes ago", "in 2 hours", "just now"; of two times in ms. */
export function agoWords(at: number, now: number): string {
  const distance = at - now;
  for (const [unit, ms] of steps) if (Math.abs(distance) >= ms) return relative.format(Math.trunc(distance / ms), unit);
  return 'just now';
}

/** A duration in ms as people say it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function durationWords(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  const secs = ms / 1000;
  if (secs < 10) return `${secs.toFixed(1)} s`;
  if (secs < 60) return `${Math.round(secs)} s`;
  const parts: readonly [number, string, number, string] =
    secs < 3600 ? [60, 'min', 1, 's'] : secs < 86_400 ? [3600, 'h', 60, 'min'] : [86_400, 'd', 3600, 'h'];
  const [big, bigWord, small, smallWord] = parts;
  const rounded = Math.round(secs / small) * small;
  const rest = Math.round((rounded % big) / small);
  return `${Math.floor(rounded / big)} ${bigWord}${rest > 0 ? ` ${rest} ${smallWord}` : ''}`;
}

/** Bytes with a unit: `812 B`, `4.2 kB`, `100 MB`. */
export function bytesWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `1 finding`, `2 findings`, `12,345 findings`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

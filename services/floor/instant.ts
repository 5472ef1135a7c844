/** A date, or a date and a time with `Z` or an offset, of a year of four digits. */
const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** The moment that an ISO 8601 text names, or undefined: JavaScript alone would also take `1` for the year 2001. */
export function instantOf(text: string): Date | undefined {
  const time = new Date(iso.test(text) ? text : Number.NaN);
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() > 9999 || time.getUTCFullYear() < 0 ? undefined : time;
}

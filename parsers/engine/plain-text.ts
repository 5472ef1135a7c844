/** Control characters, line and paragraph separators, and the marks that turn the direction of text. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** One line of printable text, at most `max` UTF-16 units, cut with `…`. */
export function plain(value: string, max: number): string {
  // Far more than is kept need not be cleaned.
  const head = value.length > 4 * max ? value.slice(0, 4 * max) : value;
  return clip(head.replace(unprintable, ' ').trim().toWellFormed(), max);
}

/** Cuts without splitting a surrogate pair. */
export function clip(value: string, max: number): string {
  if (value.length <= max) return value;
  return `${value.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A copy of its own: a piece cut out of a log would keep the whole chunk around it alive. */
export function detached(value: string): string {
  // V8 copies pieces this short itself.
  if (value.length < 13) return value;
  return Buffer.from(value).toString();
}

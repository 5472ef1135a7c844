import { createHash } from 'node:crypto';
import { ulid } from 'ulid';

/** A new job id: a ULID in lower case, so that ids sort by time. */
export function newJobId(): string {
  return ulid().toLowerCase();
}

/** The id that the same cause always gives: 26 hex digits. */
export function derivedJobId(...causes: readonly string[]): string {
  return createHash('sha256').update(causes.join('\n')).digest('hex').slice(0, 26);
}

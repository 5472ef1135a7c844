import { createHash } from 'node:crypto';

/** The id that the same cause always gives: 26 hex digits. */
export function derivedJobId(...causes: readonly string[]): string {
  return createHash('sha256').update(causes.join('\n')).digest('hex').slice(0, 26);
}

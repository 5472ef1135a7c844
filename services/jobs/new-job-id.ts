import { ulid } from 'ulid';

/** A new job id: a ULID in lower case, so that ids sort by time. */
export function newJobId(): string {
  return ulid().toLowerCase();
}

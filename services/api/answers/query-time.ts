import { AppError } from '../../floor/app-error.ts';
import { instantOf } from '../../floor/instant.ts';
import type { EventLog } from '../../io/event-log.ts';
import { sequenceAt } from './sequence-at.ts';

/**
 * What a span of time is in the log: what is wanted lies after `after` and before `until`. Without an end it is open there.
 * Throws AppError('invalid') for what is no ISO 8601 time.
 */
export async function sequencesIn(
  { since, until }: { readonly since?: string; readonly until?: string },
  log: EventLog,
): Promise<{ after: number; until: number }> {
  return {
    after: since === undefined ? 0 : await sequenceAt(timeIn('since', since), log),
    until: until === undefined ? Number.MAX_SAFE_INTEGER : (await sequenceAt(timeIn('until', until), log)) + 1,
  };
}

function timeIn(field: string, given: string): string {
  const time = instantOf(given);
  if (time) return time.toISOString();
  const path = `/querystring/${field}`;
  const message = `expected an ISO 8601 time; found ${JSON.stringify(given.slice(0, 64))}`;
  throw new AppError('invalid', `${path}: ${message}.`, { faults: [{ path, message }] });
}

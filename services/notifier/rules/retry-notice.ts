import { backoffMs } from '../../../events/backoff.ts';
import type { Failure, Trouble } from '../../floor/notice-outcome.ts';

type Due = { readonly event_seq: number; readonly due_seq: number; readonly due_at: string };

const pauses = { firstMs: 5_000, longestMs: 3_600_000 };
const patienceMs = 24 * 3_600_000;

/** How often this notice was tried before. */
export function attemptsOf({ event_seq, due_seq }: Due, trouble: Trouble | null): number {
  return trouble?.event_seq === event_seq && trouble.due_seq === due_seq ? trouble.attempts : 0;
}

/**
 * What follows from a failure: another try, or null when it is given up. Each pause is twice as long as the one before, less what
 * `chance` (0 to 1) takes off it. It is given up when nothing was delivered there for 24 h and it was due for as long.
 */
export function afterFailure(
  due: Due,
  failure: Failure,
  { before, ref, now, chance = 0 }: { before: Trouble | null; ref: string; now: number; chance?: number },
): Trouble | null {
  if (failure.lasting !== null) return null;
  const attempts = attemptsOf(due, before) + 1;
  const since = before?.since ?? now;
  if (now - Math.max(since, Date.parse(due.due_at)) >= patienceMs) return null;
  const pause = Math.round(backoffMs(attempts, pauses, chance));
  const asked = Math.min((failure.retryAfterSecs ?? 0) * 1000, patienceMs);
  const { event_seq, due_seq } = due;
  return { event_seq, due_seq, ref, attempts, since, next_at: now + Math.max(pause, asked), reason: failure.reason };
}

/** What came of a delivery. `lasting`: waiting will not help, for this notice or for anything that is sent there. */
export type Outcome =
  | { readonly delivered: true; readonly status: number | null; readonly reference: string | null }
  | {
      readonly delivered: false;
      readonly status: number | null;
      readonly reason: string;
      readonly retryAfterSecs: number | null;
      readonly lasting: 'notice' | 'target' | null;
    };
export type Failure = Extract<Outcome, { delivered: false }>;

/** A target that does not hear at the moment. Times in ms since 1970. */
export type Trouble = {
  readonly event_seq: number;
  readonly due_seq: number;
  /** The address as the vault knows it, '' where there is none: at another address nothing has failed yet. */
  readonly ref: string;
  /** Of this notice. */
  readonly attempts: number;
  /** Since when nothing was delivered there. */
  readonly since: number;
  readonly next_at: number;
  readonly reason: string;
};

type Due = { readonly event_seq: number; readonly due_seq: number; readonly due_at: string };

const firstPauseMs = 5_000;
const longestPauseMs = 3_600_000;
const patienceMs = 24 * 3_600_000;

/** How often this notice was tried before. */
export function attemptsOf({ event_seq, due_seq }: Due, trouble: Trouble | null): number {
  return trouble?.event_seq === event_seq && trouble.due_seq === due_seq ? trouble.attempts : 0;
}

/**
 * What follows from a failure: another try, each pause twice as long as the one before, or null when it is given up: nothing was
 * delivered there for 24 h, and this notice has been due for as long.
 */
export function afterFailure(
  due: Due,
  failure: Failure,
  { before, ref, now }: { before: Trouble | null; ref: string; now: number },
): Trouble | null {
  if (failure.lasting !== null) return null;
  const attempts = attemptsOf(due, before) + 1;
  const since = before?.since ?? now;
  if (now - Math.max(since, Date.parse(due.due_at)) >= patienceMs) return null;
  const pause = Math.min(firstPauseMs * 2 ** Math.min(attempts - 1, 20), longestPauseMs);
  const asked = Math.min((failure.retryAfterSecs ?? 0) * 1000, patienceMs);
  const { event_seq, due_seq } = due;
  return { event_seq, due_seq, ref, attempts, since, next_at: now + Math.max(pause, asked), reason: failure.reason };
}

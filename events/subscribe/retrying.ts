import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';

const pauses = { firstMs: 100, longestMs: 30_000 };

/** Pauses that double from 100 ms to 30 s; ends early, without an error, when the signal says so. */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  await pause(backoffMs(attempt, pauses), undefined, { signal }).catch(() => {});
}

/** Does something until it succeeds; answers false when the signal ended it first. */
export async function untilDone(
  work: () => Promise<void> | void,
  failed: (error: unknown, attempt: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return true;
    } catch (error) {
      failed(error, attempt);
    }
    await backOff(attempt, signal);
    if (signal.aborted) return false;
  }
}

export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

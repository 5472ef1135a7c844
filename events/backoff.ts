type Backoff = { readonly firstMs: number; readonly longestMs: number };

/**
 * The pause before the next try after so many failures (1 or more), in ms: it doubles from `firstMs` to `longestMs`.
 * `chance` (0 to 1) takes up to a quarter off: those who lost the same service do not come back in the same millisecond.
 */
export function backoffMs(failures: number, { firstMs, longestMs }: Backoff, chance = Math.random()): number {
  const full = Math.min(firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30), longestMs);
  return full * (1 - chance / 4);
}

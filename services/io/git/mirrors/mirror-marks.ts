import { createHash } from 'node:crypto';
import { rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Remote } from './remote-url.ts';

const touchEveryMs = 3_600_000;

/** The name of an address's mirror and of its trees. */
export function keyOf(remote: Remote): string {
  return createHash('sha256').update(remote.url).digest('hex').slice(0, 24);
}

/** Says that a mirror is used, once an hour at most. */
export async function touch(dir: string, now: number): Promise<void> {
  const mark = path.join(dir, '.complete');
  const found = await stat(mark).catch(() => undefined);
  if (found === undefined || now - found.mtimeMs < touchEveryMs) return;
  await utimes(mark, now / 1000, now / 1000).catch(() => {});
}

/** When a mirror was used last, in ms, as near as an hour; null where there is none that is whole. */
export async function usedLast(dir: string): Promise<number | null> {
  const found = await stat(path.join(dir, '.complete')).catch(() => undefined);
  return found === undefined ? null : found.mtimeMs;
}

/** Whether a mirror was not used since a time, and was used since it was collected. */
export async function isDue(dir: string, before: number): Promise<boolean> {
  const used = await stat(path.join(dir, '.complete')).catch(() => undefined);
  if (used === undefined || used.mtimeMs > before) return false;
  const collected = await stat(path.join(dir, '.collected')).catch(() => undefined);
  return collected === undefined || collected.mtimeMs < used.mtimeMs;
}

/** Removes a mirror that was moved aside before a time. */
export async function removeOld(dir: string, before: number): Promise<void> {
  const moved = await stat(dir).catch(() => undefined);
  if (moved && moved.ctimeMs < before) await rm(dir, { recursive: true, force: true, maxRetries: 3 });
}

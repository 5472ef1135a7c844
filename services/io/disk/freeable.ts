import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Something that the farm keeps on the disk and can do without. */
export type Freeable = {
  /** What it is, in the plural, as people read it. */
  readonly name: string;
  /** A folder on the file system that gets room by it. */
  readonly dir: string;
  /** It cannot be had again: it stays until less than the floor is free. */
  readonly isLast?: boolean;
  /**
   * Frees at least so many bytes where there are as many, what was used longest ago first; nothing that is in use, and nothing
   * that was used since `unusedSince` (ms). Answers how many bytes it freed.
   */
  freeLeastUsed(bytes: number, unusedSince: number): Promise<number>;
};

/** One thing among several of a kind, and when it was used last, in ms. */
export type Used = {
  readonly usedAt: number;
  readonly bytes: () => Promise<number>;
  readonly free: () => Promise<unknown>;
};

/** Frees of several the one that was used longest ago, and so on until it is enough. */
export async function freeOldest(all: readonly Used[], bytes: number, unusedSince: number): Promise<number> {
  let freed = 0;
  for (const one of all.filter(({ usedAt }) => usedAt <= unusedSince).sort((a, b) => a.usedAt - b.usedAt)) {
    if (freed >= bytes) break;
    const size = await one.bytes().catch(() => 0);
    // What somebody took meanwhile is not free.
    if ((await one.free()) !== false) freed += size;
  }
  return freed;
}

/** The bytes that a folder or file takes on the disk; what goes meanwhile counts for nothing. */
export async function bytesBelow(path: string): Promise<number> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return 0;
  const own = found.blocks * 512;
  if (!found.isDirectory()) return own;
  const names = await readdir(path).catch(() => []);
  let sum = own;
  for (const name of names) sum += await bytesBelow(join(path, name));
  return sum;
}

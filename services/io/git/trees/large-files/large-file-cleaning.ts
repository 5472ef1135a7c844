import { rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { freeOldest, type Used } from '../../../disk/freeable.ts';
import { namesIn } from '../../../files/names-in.ts';

const touchEveryMs = 60_000;
/** A job that has just asked for an object may be copying it. */
const underwayMs = 10 * 60_000;

/** Says that a kept object is used, once a minute at most. */
export async function touchObject(file: string, now: number): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null || now - found.mtimeMs < touchEveryMs) return;
  await utimes(file, now / 1000, now / 1000).catch(() => {});
}

/** Removes LFS objects that nobody used since a time, the least used first; answers how many bytes that freed. */
export async function freeLargeFiles(
  mirrors: string,
  bytes: number,
  { unusedSince, now }: { readonly unusedSince: number; readonly now: number },
): Promise<number> {
  const all: Used[] = [];
  for await (const file of objectsIn(mirrors)) {
    const found = await stat(file).catch(() => null);
    if (found === null) continue;
    all.push({
      usedAt: found.mtimeMs,
      bytes: async () => found.blocks * 512,
      free: () => rm(file, { force: true }),
    });
  }
  return freeOldest(all, bytes, Math.min(unusedSince, now - underwayMs));
}

async function* objectsIn(mirrors: string): AsyncGenerator<string> {
  for (const mirror of await namesIn(mirrors)) {
    const dir = path.join(mirrors, mirror, 'lfs', 'objects');
    for (const first of await namesIn(dir))
      for (const second of await namesIn(path.join(dir, first)))
        for (const name of await namesIn(path.join(dir, first, second))) yield path.join(dir, first, second, name);
  }
}

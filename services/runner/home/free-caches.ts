import { randomBytes } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesBelow, type Freeable, freeOldest, type Used } from '../../io/disk/freeable.ts';

/** Says that the caches of an owner are used. */
export function markUsed(caches: string, now: number): void {
  try {
    utimesSync(caches, now / 1000, now / 1000);
  } catch {
    // It lies on a disk that takes nothing: then it goes first.
  }
}

/**
 * What was downloaded for jobs, a folder at a time and that of the owner first whose jobs ran longest ago; it is downloaded
 * again. Nothing is taken of an owner of whom a job runs.
 */
export function freeableCaches(cacheDir: string, isUsed: (owner: string) => boolean): Freeable {
  const root = join(cacheDir, 'owners');
  return {
    name: 'dependency caches',
    dir: cacheDir,
    freeLeastUsed: async (bytes, unusedSince) => {
      const all: Used[] = [];
      for (const owner of await readdir(root).catch(() => [])) {
        const caches = join(root, owner);
        const usedAt = (await stat(caches).catch(() => null))?.mtimeMs;
        if (usedAt === undefined) continue;
        for (const name of await readdir(caches).catch(() => []))
          all.push({
            usedAt,
            bytes: () => bytesBelow(join(caches, name)),
            free: async () => !isUsed(owner) && remove(join(caches, name), usedAt),
          });
      }
      return freeOldest(all, bytes, unusedSince);
    },
  };
}

/** Out of sight at once: a job that begins meanwhile makes the folder anew. */
async function remove(folder: string, usedAt: number): Promise<boolean> {
  const aside = `${folder}.${randomBytes(6).toString('hex')}.gone`;
  await rename(folder, aside);
  await rm(aside, { recursive: true, force: true, maxRetries: 3 });
  // Its own folder changed by this, which is no use of it.
  utimesSync(join(folder, '..'), usedAt / 1000, usedAt / 1000);
  return true;
}

import { constants } from 'node:fs';
import { copyFile, stat, utimes } from 'node:fs/promises';

/** So much earlier is a copy stamped: node sets times with a step of a quarter of a microsecond. */
const stepNs = 1_000n;

/**
 * Copies an index with the time at which it was written. git takes a file for unchanged whose size and times are those of
 * its entry. It reads one all the same that is not older than the index: that may have changed within one tick of the clock.
 * A copy with a later time would make such a change disappear.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  // Taken before the copy: an index that is written in between only looks older than it is, and git reads more.
  const { mtimeNs } = await stat(from, { bigint: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const written = Number(mtimeNs - stepNs) / 1e9;
  await utimes(to, written, written);
}

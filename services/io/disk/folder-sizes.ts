import { runProgram } from '../programs/run-program.ts';

export type FolderSizes = {
  /** Bytes on disk of each folder by its name, as they were measured last; empty before that. Asks anew when that is long ago. */
  known(): Readonly<Record<string, number>>;
};

const ageMs = 10 * 60_000;
const longestMs = 5 * 60_000;

/** How much folders hold. A large one takes minutes to walk: nobody waits for it, and it is walked with low priority. */
export function folderSizes(folders: Readonly<Record<string, string>>, now: () => number): FolderSizes {
  let sizes: Record<string, number> = {};
  let [askedAt, isBusy] = [Number.NEGATIVE_INFINITY, false];
  const measure = async () => {
    const found: Record<string, number> = {};
    for (const [name, dir] of Object.entries(folders)) {
      const bytes = await sizeOf(dir);
      if (bytes !== null) found[name] = bytes;
    }
    sizes = found;
  };
  return {
    known: () => {
      if (!isBusy && now() - askedAt >= ageMs) {
        [askedAt, isBusy] = [now(), true];
        measure().finally(() => {
          isBusy = false;
        });
      }
      return sizes;
    },
  };
}

/** What vanishes on the way makes du complain; what it counted holds all the same. */
async function sizeOf(dir: string): Promise<number | null> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  const { stdout } = await runProgram('nice', ['-n', '19', 'du', '-skx', '--', dir], {
    env,
    timeoutMs: longestMs,
  }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  const kib = /^(\d+)\s/.exec(stdout)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

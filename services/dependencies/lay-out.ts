import { constants, existsSync, lstatSync } from 'node:fs';
import { chmod, cp, mkdir, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Layer } from '../io/process/run-request.ts';
import type { Part } from './entry-store.ts';

/** More of them would make a job slow to start; the small rest is copied. */
const mostLayers = 64;

export type LayPlace = {
  /** The job's tree and HOME, as they lie on the disk. */
  readonly tree: string;
  readonly home: string;
  /** A folder of the job's own, gone with it. */
  readonly dir: string;
  /** Whether a job can be shown a folder that is laid over another. */
  readonly hasLayers: boolean;
};

export type LaidOut = {
  readonly layers: readonly Layer[];
  /** Folders that have to show as the job's user's, to be read. */
  readonly seen: readonly string[];
  /** How it was done. */
  readonly how: 'layers' | 'copies';
};

/**
 * Puts what an install made into a tree and a HOME. Folders are laid over, so a job reads the kept ones and writes beside
 * them; where that cannot be, all is copied, as references to the same blocks where the file system has them.
 */
export async function layOut(
  { dir: entry, parts, modes }: { dir: string; parts: readonly Part[]; modes: readonly (readonly [string, number])[] },
  { tree, home, dir, hasLayers }: LayPlace,
): Promise<LaidOut> {
  const layers: Layer[] = [];
  for (const [index, { root, path, kind }] of parts.entries()) {
    const lower = join(entry, 'parts', `${index}`);
    if (!existsOrLinks(lower)) continue;
    const at = join(root === 'tree' ? tree : home, path);
    await rm(at, { recursive: true, force: true });
    if (kind === 'folder' && hasLayers && layers.length < mostLayers)
      layers.push(await layer(lower, at, join(dir, 'laid', `${index}`)));
    else {
      await mkdir(dirname(at), { recursive: true });
      await cp(lower, at, copying);
    }
  }
  for (const [path, mode] of modes)
    if (lstatSync(join(tree, path), { throwIfNoEntry: false })?.isFile()) await chmod(join(tree, path), mode);
  return { layers, seen: layers.length > 0 ? [entry] : [], how: layers.length > 0 ? 'layers' : 'copies' };
}

const copying = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };

async function layer(lower: string, at: string, place: string): Promise<Layer> {
  const [upper, work] = [join(place, 'upper'), join(place, 'work')];
  await mkdir(upper, { recursive: true, mode: 0o755 });
  await mkdir(work, { mode: 0o755 });
  // The folder itself is seen as the upper one is.
  const { mode, atime, mtime } = lstatSync(lower);
  await chmod(upper, mode & 0o777);
  await utimes(upper, atime, mtime);
  await mkdir(at, { recursive: true, mode: 0o755 });
  return { lower, upper, work, at };
}

function existsOrLinks(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

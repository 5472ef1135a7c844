import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type GlobState,
  globEnds,
  globStart,
  globStep,
  type PathGlob,
  readGlob,
} from '../../../recipes/detection/path-glob.ts';

/** Bounds of one walk: what a job can lay out has no other. */
const mostEntries = 200_000;
const deepest = 64;

const never = new Set(['.git', 'node_modules']);

type Step = { readonly path: string; readonly depth: number; readonly states: readonly (GlobState | null)[] };

/**
 * The files and folders below `cwd` that one of the globs takes, relative to it, folder by folder; no link is followed. The tree
 * is walked once for all globs, and only where one of them can still match. `onNote` is told what was left out.
 */
export async function* globWalk(
  patterns: readonly string[],
  cwd: string,
  onNote: (note: string) => void,
): AsyncGenerator<string> {
  const globs: PathGlob[] = [];
  for (const pattern of patterns) {
    const glob = readGlob(pattern);
    if (typeof glob === 'string') onNote(`reports names ${JSON.stringify(pattern)}, which ${glob}`);
    else globs.push(glob);
  }
  const folders: Step[] = [{ path: '', depth: 0, states: globs.map(globStart) }];
  let entries = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const listing = await opendir(join(cwd, folder.path)).catch(() => null);
    if (listing === null) continue;
    for await (const entry of listing) {
      entries += 1;
      if (entries > mostEntries) {
        onNote(`only the first ${mostEntries} entries of the tree are looked at for reports`);
        return;
      }
      if (never.has(entry.name)) continue;
      const before = folder.states;
      const states = globs.map((glob, index) => {
        const state = before[index];
        return state ? globStep(glob, state, entry.name) : null;
      });
      if (states.every((state) => state === null)) continue;
      const path = folder.path === '' ? entry.name : join(folder.path, entry.name);
      if (globs.some((glob, index) => states[index] && globEnds(glob, states[index]))) yield path;
      if (entry.isDirectory() && folder.depth < deepest) folders.push({ path, depth: folder.depth + 1, states });
    }
  }
}

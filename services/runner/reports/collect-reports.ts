import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { globWalk } from './glob-walk.ts';

/** Bounds of what is taken from one job. */
const mostFiles = 200;
const bytesPerFile = 16 * 1024 * 1024;
const bytesInAll = 64 * 1024 * 1024;

export type Report = { readonly name: string; readonly bytes: Buffer };

/**
 * Reads the result files that a recipe left: regular files below `cwd` that a glob takes, never through a link that leaves
 * `root`. `onNote` is told of what was left out. Names are relative to `root`.
 */
export async function collectReports(
  patterns: readonly string[],
  { root, cwd }: { root: string; cwd: string },
  onNote: (note: string) => void,
): Promise<Report[]> {
  const home = await realpath(root);
  const reports: Report[] = [];
  let total = 0;
  for (const path of await matching(patterns, cwd, onNote)) {
    const name = relative(home, join(cwd, path));
    const target = await realpath(join(cwd, path)).catch(() => null);
    if (target === null || !target.startsWith(home + sep)) {
      onNote(`report ${name} is left out: it leads out of the repository`);
      continue;
    }
    const bytes = await readBounded(target);
    if (bytes === null) onNote(`report ${name} is left out: it is not a file of at most ${bytesPerFile} bytes`);
    else if (total + bytes.length > bytesInAll)
      onNote(`report ${name} is left out: all reports together exceed ${bytesInAll} bytes`);
    else {
      total += bytes.length;
      reports.push({ name: name.split(sep).join('/'), bytes });
    }
  }
  return reports;
}

async function matching(patterns: readonly string[], cwd: string, onNote: (note: string) => void): Promise<string[]> {
  const found = new Set<string>();
  for await (const path of globWalk(patterns, cwd, onNote)) {
    if (found.size >= mostFiles) {
      onNote(`only the first ${mostFiles} reports are read`);
      break;
    }
    found.add(path);
  }
  return [...found].sort();
}

async function readBounded(path: string): Promise<Buffer | null> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (handle === null) return null;
  try {
    const info = await handle.stat();
    return info.isFile() && info.size <= bytesPerFile ? await handle.readFile() : null;
  } finally {
    await handle.close();
  }
}

import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tree } from '../define.ts';

/** Folders with what was installed or built; what is hidden (.git, .venv) is left out by its dot. */
export const leftOut = ['node_modules', 'vendor', 'target', 'dist', 'build', 'venv', '__pycache__'] as const;

/** A repository may be of any size and shape; beyond these a demo would only wait. */
export type Bounds = { readonly depth: number; readonly entries: number; readonly textBytes: number };
export const usualBounds: Bounds = { depth: 6, entries: 20_000, textBytes: 1024 * 1024 };

/**
 * Reads the names of a checkout level by level, so that what a bound leaves out is the deepest. Symbolic links are
 * neither followed nor listed. `complete` is false when a bound was met.
 */
export async function walk(
  root: string,
  reads: readonly RegExp[],
  bounds: Bounds = usualBounds,
): Promise<{ tree: Tree; complete: boolean }> {
  const files: string[] = [];
  let level = [''];
  let left = bounds.entries;
  for (let depth = 0; level.length > 0 && depth <= bounds.depth && left > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if (left < 0) break;
      for (const entry of await entriesOf(join(root, folder), folder === '')) {
        left -= 1;
        if (left < 0) break;
        if (unprintable.test(entry.name)) continue;
        if (entry.isFile()) files.push(folder + entry.name);
        else if (entry.isDirectory() && isWanted(entry.name)) next.push(`${folder}${entry.name}/`);
      }
    }
    level = next;
  }
  files.sort();
  const texts = new Map<string, string>();
  for (const file of files) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    if (reads.some((wanted) => wanted.test(name))) texts.set(file, await textOf(join(root, file), bounds.textBytes));
  }
  return { tree: { files, text: (path) => texts.get(path) ?? '' }, complete: left >= 0 && level.length === 0 };
}

// Such a name could not be registered, and would break the lines of whatever prints it.
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

function isWanted(name: string): boolean {
  return !name.startsWith('.') && !leftOut.some((folder) => folder === name);
}

async function entriesOf(folder: string, isRoot: boolean) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // A folder that may not be read is as good as empty; a root that is not there is the caller's mistake.
    if (isRoot) throw error;
    return [];
  }
}

async function textOf(file: string, most: number): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await handle.stat();
    return size > most ? '' : (await handle.readFile('utf8')).replace(/^\uFEFF/, '');
  } catch {
    return '';
  } finally {
    await handle?.close();
  }
}

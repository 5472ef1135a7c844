import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tree } from '../define.ts';

/** Folders with what was installed or built; what is hidden (.git, .venv) is left out by its dot. */
export const leftOut = ['node_modules', 'vendor', 'target', 'dist', 'build', 'venv', '__pycache__'] as const;

/** Hidden folders in which a project says how it is built and checked. */
const said = ['.github', '.gitea', '.forgejo', '.woodpecker', '.circleci', '.config', '.cargo'];

/** A repository may be of any size and shape; beyond these a demo would only wait. */
export type Bounds = {
  readonly depth: number;
  readonly entries: number;
  readonly textBytes: number;
  readonly allBytes: number;
};
export const usualBounds: Bounds = { depth: 12, entries: 40_000, textBytes: 1024 * 1024, allBytes: 64 * 1024 * 1024 };

type Walked = { tree: Tree; complete: boolean; unread: ReadonlyMap<string, string> };

/**
 * Reads the names of a checkout level by level, so that what a bound leaves out is the deepest. Symbolic links are
 * neither followed nor listed. `complete` is false when a bound was met. A text is read when it is first asked for.
 * `unread` has what was left out for its name or size so far, by path.
 */
export async function walk(root: string, bounds: Bounds = usualBounds): Promise<Walked> {
  const files: string[] = [];
  const unread = new Map<string, string>();
  let level = [''];
  let left = bounds.entries;
  for (let depth = 0; level.length > 0 && depth <= bounds.depth && left > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if (left < 0) break;
      for (const entry of await entriesOf(join(root, folder), folder === '')) {
        left -= 1;
        if (left < 0) break;
        if (unprintable.test(entry.name)) {
          unread.set(JSON.stringify(folder + entry.name), 'its name holds a character that cannot be printed');
          continue;
        }
        if (entry.isFile()) files.push(folder + entry.name);
        else if (entry.isDirectory() && isWanted(entry.name, folder)) next.push(`${folder}${entry.name}/`);
      }
    }
    level = next;
  }
  files.sort();
  const tree = { files, text: texts(root, files, { bounds, unread }) };
  return { tree, complete: left >= 0 && level.length === 0, unread };
}

// Such a name could not be registered, and would break the lines of whatever prints it.
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

function isWanted(name: string, folder: string): boolean {
  if (folder.startsWith('.')) return name === 'workflows';
  if (name.startsWith('.')) return folder === '' && said.includes(name);
  return !leftOut.some((one) => one === name);
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

/** The texts of listed files, each read once; together no more than a bound. */
function texts(
  root: string,
  files: readonly string[],
  { bounds, unread }: { bounds: Bounds; unread: Map<string, string> },
): Tree['text'] {
  const listed = new Set(files);
  const known = new Map<string, string>();
  let left = bounds.allBytes;
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const text = listed.has(path) && left > 0 ? textOf(join(root, path), bounds.textBytes) : '';
    if (text === null) unread.set(path, `it is no file that can be read, or has more than ${bounds.textBytes} bytes`);
    left -= text?.length ?? 0;
    known.set(path, text ?? '');
    return text ?? '';
  };
}

function textOf(file: string, most: number): string | null {
  let handle: number | undefined;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const info = fstatSync(handle);
    return !info.isFile() || info.size > most ? null : readFileSync(handle, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return null;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

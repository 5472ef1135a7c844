import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

const mostFiles = 2_000;
const mostBytes = 4 * 1024 * 1024;

/** The files of a work tree as they are when they are first asked for. */
type TreeSources = {
  /** The text of a file inside the tree, by path from its root; undefined when it is none, or too large. */
  text(file: string): string | undefined;
  line(file: string, number: number): string | undefined;
};

/** Reads sources below a real path. What tools name is not trusted: no link leads out of the tree. */
export function treeSources(root: string): TreeSources {
  const texts = new Map<string, string | undefined>();
  const lines = new Map<string, string[]>();
  const text = (file: string) => {
    if (!texts.has(file)) texts.set(file, texts.size < mostFiles ? textInside(root, file) : undefined);
    return texts.get(file);
  };
  return {
    text,
    line: (file, number) => {
      const known = lines.get(file) ?? text(file)?.split('\n') ?? [];
      lines.set(file, known);
      return known[number - 1];
    },
  };
}

/** The real path of a file inside a tree, or undefined. */
export function pathInside(root: string, file: string): string | undefined {
  try {
    const path = realpathSync.native(join(root, file));
    const info = statSync(path);
    return path.startsWith(root + sep) && info.isFile() && info.size <= mostBytes ? path : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a file inside a tree, as it is now. */
export function textInside(root: string, file: string): string | undefined {
  try {
    const path = pathInside(root, file);
    return path === undefined ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

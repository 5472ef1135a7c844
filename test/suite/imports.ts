import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

const texts = new Map<string, string>();
const imports = new Map<string, readonly string[]>();

/** The text of a file of ours, by its path from the root; empty when there is none. */
export function textOf(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  // A test may hold the text of a source that is nowhere.
  const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
  texts.set(file, text);
  return text;
}

/** The files of ours that a file imports, by paths from the root. */
export function importsOf(file: string): readonly string[] {
  const known = imports.get(file);
  if (known) return known;
  const found = [...textOf(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, name = '']) =>
    relative(root, resolve(root, dirname(file), name)),
  );
  imports.set(file, found);
  return found;
}

/** A file and all that it imports, nearest first; only those that `follow` lets through. */
export function reach(file: string, follow: (file: string) => boolean = () => true): string[] {
  const seen = new Set([file]);
  for (const one of seen) for (const next of importsOf(one)) if (follow(next)) seen.add(next);
  return [...seen];
}

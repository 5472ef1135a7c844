import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { allTestFiles, root } from '../suite/choose-files.ts';

const known = new Map<string, readonly string[]>();

/** The files of ours that a file imports, by paths from the root. */
function importsOf(file: string): readonly string[] {
  const before = known.get(file);
  if (before) return before;
  // A test may hold the text of a source that is nowhere.
  const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
  const found = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, name = '']) =>
    relative(root, resolve(root, dirname(file), name)),
  );
  known.set(file, found);
  return found;
}

/** How many imports lie between a test and a source; undefined when none leads there. */
function distance(test: string, source: string): number | undefined {
  const seen = new Set([test]);
  for (let [files, steps] = [[test], 0]; files.length > 0; steps += 1) {
    if (files.includes(source)) return steps;
    files = [...new Set(files.flatMap(importsOf))].filter((file) => !seen.has(file) && file.endsWith('.ts'));
    for (const file of files) seen.add(file);
  }
  return undefined;
}

/** The test files that are nearest to a source, at most so many; those beside it in the mirrored tree first. */
export function nearestTests(source: string, most: number): string[] {
  const mirrored = join('test', dirname(source));
  return allTestFiles()
    .map((file) => ({ file, steps: distance(file, source) ?? Infinity, isBeside: dirname(file) === mirrored }))
    .filter(({ steps }) => steps < Infinity)
    .sort((one, other) => Number(other.isBeside) - Number(one.isBeside) || one.steps - other.steps)
    .slice(0, most)
    .map(({ file }) => file);
}

import { dirname, join } from 'node:path';
import { allTestFiles } from '../suite/choose-files.ts';
import { importsOf } from '../suite/imports.ts';

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

import { fields, isFields, numberOf } from '../engine/json-value.ts';
import { jsonValues } from '../engine/json-values.ts';
import type { CoverageFormat, Share } from './define.ts';

/** `coverage-summary.json` of istanbul: sums for each file, without lines. */
export const istanbulSummary: CoverageFormat = {
  name: 'istanbul-summary',
  writers: 'nyc, c8, jest, vitest (json-summary)',
  is: (head) => /^\s*\{\s*"total"\s*:\s*\{\s*"lines"\s*:\s*\{\s*"total"/.test(head),
  start: (covered) => {
    let files = 0;
    const document = jsonValues(
      1,
      (path) => path.length === 1 && path[0] !== 'total',
      ([path = ''], value) => {
        if (!isFields(value) || shareOf(value.lines) === undefined) return;
        files += 1;
        const { lines, statements, branches, functions } = value;
        const sums = {
          lines: shareOf(lines),
          statements: shareOf(statements),
          branches: shareOf(branches),
          functions: shareOf(functions),
        };
        covered({ paths: [path], sums });
      },
    );
    return { write: document.write, end: () => document.end() ?? (files === 0 ? 'names no source file' : null) };
  },
};

function shareOf(value: unknown): Share | undefined {
  const [total, covered] = [numberOf(fields(value).total), numberOf(fields(value).covered)];
  return total === null || covered === null ? undefined : { covered, total };
}

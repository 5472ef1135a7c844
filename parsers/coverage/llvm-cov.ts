import { fields, isFields, list, numberOf, textOf } from '../engine/json-value.ts';
import { jsonValues } from '../engine/json-values.ts';
import type { CoverageFormat, Share } from './define.ts';

/** `llvm-cov export`, as clang, rustc and swift write it: segments, at each of which a count begins to hold. */
export const llvmCov: CoverageFormat = {
  name: 'llvm-cov',
  writers: 'llvm-cov export, cargo llvm-cov --json, swift test --enable-code-coverage',
  is: (head) =>
    /^\s*\{/.test(head) &&
    /"llvm\.coverage\.json\.export"|"data"\s*:\s*\[\s*\{\s*"(?:files|functions|totals)"/.test(head),
  start: (covered) => {
    let files = 0;
    const document = jsonValues(
      4,
      (path) => path.length === 4 && path[0] === 'data' && path[2] === 'files',
      (_path, value) => {
        const name = isFields(value) ? textOf(value.filename) : null;
        if (name === null) return;
        files += 1;
        const { lines, branches, functions } = fields(fields(value).summary);
        const segments = list(fields(value).segments).map(list);
        const read = segments.length === 0 ? {} : { lines: linesOf(segments) };
        const sums = { lines: shareOf(lines), branches: shareOf(branches), functions: shareOf(functions) };
        covered({ paths: [name], ...read, sums });
      },
    );
    return { write: document.write, end: () => document.end() ?? (files === 0 ? 'names no source file' : null) };
  },
};

function shareOf(value: unknown): Share | undefined {
  const [total, covered] = [numberOf(fields(value).count), numberOf(fields(value).covered)];
  return total === null || covered === null || total === 0 ? undefined : { covered, total };
}

const longest = 200_000;

/**
 * As llvm counts: a line has a count when a region begins on it or goes on from before, and the highest of them is its
 * own. A segment is `[line, column, count, has count, begins a region, is a gap]`.
 */
function* linesOf(segments: readonly (readonly unknown[])[]): Generator<[number, boolean]> {
  const byLine = Map.groupBy(segments, ([line]) => numberOf(line) ?? 0);
  const numbers = [...byLine.keys()].sort((a, b) => a - b);
  const last = Math.min(numbers.at(-1) ?? 0, longest);
  let wrapped: readonly unknown[] | null = null;
  for (let line = numbers[0] ?? 1; line <= last; line += 1) {
    const own = byLine.get(line) ?? [];
    const starts = own.filter(
      ([, , , hasCount, isEntry, isGap]) => hasCount === true && isEntry === true && isGap !== true,
    );
    const isSkipped = own[0] !== undefined && own[0][3] !== true && own[0][4] === true;
    const isMapped = !isSkipped && ((wrapped !== null && wrapped[3] === true) || starts.length > 0);
    if (isMapped) {
      const counts = [...(wrapped === null ? [] : [wrapped]), ...starts].map(([, , count]) => numberOf(count) ?? 0);
      yield [line, Math.max(...counts) > 0];
    }
    wrapped = own.at(-1) ?? wrapped;
  }
}

import { type Fields, fields, isFields, list, numberOf, textOf } from '../engine/json-value.ts';
import { jsonValues } from '../engine/json-values.ts';
import type { CoverageFormat, CoveredFile } from './define.ts';

/** `coverage-final.json` of istanbul: a map of statements, functions and branches for each file, and how often they ran. */
export const istanbul: CoverageFormat = {
  name: 'istanbul',
  writers: 'nyc, c8, jest, vitest, karma (json)',
  is: (head) => /^\s*\{\s*"[^"]{1,2000}"\s*:\s*\{/.test(head) && /"statementMap"\s*:/.test(head),
  start: (covered) => {
    let files = 0;
    const document = jsonValues(
      1,
      (path) => path.length === 1,
      ([path = ''], value) => {
        if (!isFields(value) || !isFields(value.statementMap)) return;
        files += 1;
        covered({ paths: [textOf(value.path) ?? path], ...readFile(value) });
      },
    );
    return { write: document.write, end: () => document.end() ?? (files === 0 ? 'names no source file' : null) };
  },
};

const startOf = (place: unknown) => numberOf(fields(fields(place).start).line);

function readFile(value: Fields): Omit<CoveredFile, 'paths'> {
  const [statements, functions, branches] = [fields(value.s), fields(value.f), fields(value.b)];
  const ran = (count: unknown) => (numberOf(count) ?? 0) > 0;
  // A line ran as often as the statement that begins on it.
  const lines = Object.entries(fields(value.statementMap)).flatMap(([id, place]) => {
    const line = startOf(place);
    return line === null ? [] : [[line, ran(statements[id])] as const];
  });
  const taken = new Map<number, [number, number]>();
  for (const [id, branch] of Object.entries(fields(value.branchMap))) {
    const counts = list(branches[id]);
    const line = numberOf(fields(branch).line) ?? startOf(fields(branch).loc) ?? 1;
    const own = taken.get(line) ?? [0, 0];
    taken.set(line, [own[0] + counts.filter(ran).length, own[1] + counts.length]);
  }
  const named = Object.entries(fields(value.fnMap)).map(
    ([id, one]) => [`${id} ${textOf(fields(one).name) ?? ''}`, ran(functions[id])] as const,
  );
  const all = Object.values(statements);
  return {
    lines,
    branches: [...taken].map(([line, [some, total]]) => [line, some, total] as const),
    functions: named,
    sums: { statements: { covered: all.filter(ran).length, total: all.length } },
  };
}

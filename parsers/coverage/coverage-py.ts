import { fields, isFields, list, numberOf } from '../engine/json-value.ts';
import { jsonValues } from '../engine/json-values.ts';
import type { CoverageFormat, CoveredFile } from './define.ts';

/** `coverage json` of coverage.py. */
export const coveragePy: CoverageFormat = {
  name: 'coverage-py',
  writers: 'coverage json, pytest --cov-report=json, slipcover',
  is: (head) => /^\s*\{/.test(head) && /"meta"/.test(head) && /"(?:branch_coverage|show_contexts|software)"/.test(head),
  start: (covered) => {
    let files = 0;
    const document = jsonValues(
      2,
      (path) => path.length === 2 && path[0] === 'files',
      ([, path = ''], value) => {
        if (!isFields(value) || !Array.isArray(value.executed_lines)) return;
        files += 1;
        covered({ paths: [path], ...readFile(value) });
      },
    );
    return { write: document.write, end: () => document.end() ?? (files === 0 ? 'names no source file' : null) };
  },
};

function readFile(value: Readonly<Record<string, unknown>>): Omit<CoveredFile, 'paths'> {
  const numbers = (some: unknown) => list(some).flatMap((one) => numberOf(one) ?? []);
  const lines = [
    ...numbers(value.executed_lines).map((line) => [line, true] as const),
    ...numbers(value.missing_lines).map((line) => [line, false] as const),
  ];
  const branches = new Map<number, [number, number]>();
  const arcs = (some: unknown, taken: number) => {
    for (const arc of list(some)) {
      const line = numberOf(list(arc)[0]);
      const own = branches.get(line ?? 0) ?? [0, 0];
      if (line !== null) branches.set(Math.abs(line), [own[0] + taken, own[1] + 1]);
    }
  };
  arcs(value.executed_branches, 1);
  arcs(value.missing_branches, 0);
  const functions = Object.entries(fields(value.functions)).flatMap(([name, one]) => {
    const ran = list(fields(one).executed_lines).length > 0;
    // The code outside of functions stands there without a name.
    return name === '' ? [] : [[`${name}`, ran] as const];
  });
  return { lines, branches: [...branches].map(([line, [taken, total]]) => [line, taken, total] as const), functions };
}

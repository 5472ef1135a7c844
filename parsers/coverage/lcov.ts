import { wholeLines } from '../engine/whole-lines.ts';
import type { CoverageFormat, CoveredFile } from './define.ts';

const record = /^(?:TN|SF|VER|FN|FNDA|FNF|FNH|FNL|FNA|BRDA|BRF|BRH|MCDC|MCF|MCH|DA|LF|LH):|^end_of_record$|^\s*(?:#|$)/;

/** LCOV's tracefile, one record a source file. */
export const lcov: CoverageFormat = {
  name: 'lcov',
  writers: 'lcov, geninfo, c8, nyc, jest, vitest, coverage.py, llvm-cov, simplecov, tarpaulin, dart, deno, bun',
  is: (head) => /^(?:\s*(?:TN|SF|VER):|\s*#)/.test(head) && /^\s*SF:/m.test(head),
  start: (covered) => {
    let path: string | null = null;
    let lines: (readonly [number, boolean])[] = [];
    const branches = new Map<number, [number, number]>();
    const functions = new Map<string, boolean>();
    /** Since LCOV 2.2 a function has a number, under which its names come. */
    const numbered = new Map<string, string>();
    let problem: string | null = null;
    /** The name of a test came, with which a record begins. */
    let announced = false;
    let records = 0;
    const close = () => {
      if (path === null) return;
      records += 1;
      const file: CoveredFile = {
        paths: [path],
        lines,
        branches: [...branches].map(([line, [taken, total]]) => [line, taken, total] as const),
        functions,
      };
      covered(file);
      path = null;
      lines = [];
      branches.clear();
      functions.clear();
      numbered.clear();
    };
    const read = (line: string) => {
      const text = line.trim();
      if (text.startsWith('SF:')) {
        if (path !== null) problem = 'a record of it does not end';
        path = text.slice(3);
        announced = false;
      } else if (text === 'end_of_record') close();
      else if (path === null) {
        announced = text.startsWith('TN:');
        if (!record.test(text)) problem = `holds a line that is none of LCOV's: ${text.slice(0, 80)}`;
      } else if (text.startsWith('DA:')) {
        const [number, hits] = text.slice(3).split(',', 2);
        if (!/^\d{1,9}$/.test(number ?? '') || !/^-?\d/.test(hits ?? '')) problem = 'holds a line without a count';
        // Some writers print counts below 0 where a counter overflowed.
        else lines.push([Number(number), hits !== '0']);
      } else if (text.startsWith('BRDA:')) {
        const [number, , , taken] = text.slice(5).split(',', 4);
        const own = branches.get(Number(number)) ?? [0, 0];
        branches.set(Number(number), [own[0] + Number(taken !== '-' && taken !== '0'), own[1] + 1]);
      } else if (text.startsWith('FN:')) {
        const name = text.slice(text.lastIndexOf(',') + 1);
        functions.set(name, functions.get(name) ?? false);
      } else if (text.startsWith('FNDA:')) {
        const [hits = '', name = ''] = [text.slice(5, text.indexOf(',')), text.slice(text.indexOf(',') + 1)];
        functions.set(name, functions.get(name) === true || Number(hits) > 0);
      } else if (text.startsWith('FNL:')) {
        const [number = ''] = text.slice(4).split(',', 1);
        numbered.set(number, text);
        functions.set(text, false);
      } else if (text.startsWith('FNA:')) {
        const [number = '', hits = '0'] = text.slice(4).split(',', 2);
        const name = numbered.get(number) ?? number;
        functions.set(name, functions.get(name) === true || Number(hits) > 0);
      } else if (!record.test(text)) problem = `holds a line that is none of LCOV's: ${text.slice(0, 80)}`;
    };
    const text = wholeLines((line) => {
      if (problem === null) read(line);
    });
    return {
      write: text.write,
      end() {
        text.end();
        if (path !== null || announced) problem ??= 'is cut off';
        return problem ?? (records === 0 ? 'names no source file' : null);
      },
    };
  },
};

import { coverageXml } from '../engine/coverage-xml.ts';
import { attribute, wholeNumber } from '../engine/xml-element.ts';
import type { CoverageFormat, CoveredFile } from './define.ts';

const mostSources = 64;

/** Cobertura's XML: classes that name a file below one of the document's `sources`. */
export const cobertura: CoverageFormat = {
  name: 'cobertura',
  writers: 'coverage.py, istanbul, gcovr, coverlet, tarpaulin, cargo-llvm-cov, scoverage, phpunit',
  is: (head) => /<coverage\s[^>]{0,2000}\bline-rate=/.test(head),
  start: (covered) => {
    const sources: string[] = [];
    return coverageXml(['source', 'class'], (element) => {
      if (element.name === 'source') {
        const source = element.text.trim().replace(/[/\\]+$/, '');
        if (source !== '' && sources.length < mostSources) sources.push(source);
        return;
      }
      const path = attribute(element, 'filename');
      if (element.name !== 'class' || path === null) return;
      const lines: [number, boolean][] = [];
      const branches: [number, number, number][] = [];
      const functions: [string, boolean][] = [];
      const line = (one: typeof element) => {
        const number = wholeNumber(one, 'number');
        if (number === null) return;
        lines.push([number, (wholeNumber(one, 'hits') ?? 0) > 0]);
        const [, taken, total] = /\((\d{1,9})\/(\d{1,9})\)/.exec(attribute(one, 'condition-coverage') ?? '') ?? [];
        if (taken !== undefined) branches.push([number, Number(taken), Number(total)]);
      };
      const listed = element.children.filter(({ name }) => name === 'lines').flatMap(({ children }) => children);
      listed.forEach(line);
      for (const part of element.children) {
        if (part.name !== 'methods') continue;
        for (const method of part.children) {
          const own = method.children.find(({ name }) => name === 'lines')?.children ?? [];
          const at = wholeNumber(own[0], 'number');
          const name = `${attribute(method, 'name')}${attribute(method, 'signature') ?? ''}@${at}`;
          functions.push([name, own.some((one) => (wholeNumber(one, 'hits') ?? 0) > 0)]);
          // Where the class lists its lines, a method names the line of its head too, which cannot run.
          if (listed.length === 0) own.forEach(line);
        }
      }
      const file: CoveredFile = { paths: pathsOf(path, sources), lines, branches, functions };
      covered(file);
    });
  },
};

function pathsOf(path: string, sources: readonly string[]): string[] {
  if (/^(?:\/|[A-Za-z]:[\\/])/.test(path)) return [path];
  return [...sources.map((source) => `${source}/${path}`), path];
}

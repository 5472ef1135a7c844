import { coverageXml } from '../engine/coverage-xml.ts';
import { attribute, wholeNumber } from '../engine/xml-element.ts';
import type { CoverageFormat } from './define.ts';

/** Clover's XML: lines that are statements, methods or conditions. */
export const clover: CoverageFormat = {
  name: 'clover',
  writers: 'clover, openclover, istanbul, phpunit',
  is: (head) => /<coverage\s[^>]{0,2000}\b(?:generated|clover)=/.test(head) && /<project\b/.test(head),
  start: (covered) =>
    coverageXml(['file'], (element, parents) => {
      // The sources of tests are no code that is to be covered.
      if (parents.some(({ name }) => name === 'testproject')) return;
      const path = attribute(element, 'path') ?? attribute(element, 'name');
      if (element.name !== 'file' || path === null) return;
      const lines: [number, boolean][] = [];
      const branches: [number, number, number][] = [];
      const functions: [string, boolean][] = [];
      for (const one of element.children.filter(({ name }) => name === 'line')) {
        const number = wholeNumber(one, 'num');
        if (number === null) continue;
        const ran = (wholeNumber(one, 'count') ?? 0) > 0;
        const kind = attribute(one, 'type');
        if (kind === 'method') functions.push([`${attribute(one, 'name') ?? ''}@${number}`, ran]);
        if (kind === 'method' && attribute(one, 'count') === null) continue;
        lines.push([number, ran]);
        const [yes, no] = [wholeNumber(one, 'truecount'), wholeNumber(one, 'falsecount')];
        // Istanbul writes how many branches were taken and not; Clover whether each of two was.
        if (kind === 'cond' && yes !== null && no !== null)
          branches.push([number, Math.min(yes, 1) + Math.min(no, 1), 2]);
      }
      const metrics = element.children.find(({ name }) => name === 'metrics');
      const share = (total: string, ran: string) => {
        const all = wholeNumber(metrics, total);
        return all === null || all === 0 ? undefined : { total: all, covered: wholeNumber(metrics, ran) ?? 0 };
      };
      const sums = {
        statements: share('statements', 'coveredstatements'),
        branches: share('conditionals', 'coveredconditionals'),
        functions: share('methods', 'coveredmethods'),
      };
      covered({ paths: [path], lines, functions, sums, ...(sums.branches === undefined ? { branches } : {}) });
    }),
};

import type { XmlElement } from '../define.ts';
import { coverageXml } from '../engine/coverage-xml.ts';
import { attribute, wholeNumber } from '../engine/xml-element.ts';
import type { CoverageFormat, CoveredFile } from './define.ts';

/** JaCoCo's XML report: packages with classes, whose methods are counted, and source files with their lines. */
export const jacoco: CoverageFormat = {
  name: 'jacoco',
  writers: 'jacoco (Maven, Gradle, Ant, CLI), kover',
  is: (head) =>
    /<report\s[^>]{0,1000}\bname=/.test(head) && /JACOCO|<sessioninfo|<(?:package|group)\s+name=/.test(head),
  start: (covered) =>
    coverageXml(['class', 'sourcefile'], (element, parents) => {
      if (element.name !== 'class' && element.name !== 'sourcefile') return;
      const own = attribute(element, element.name === 'class' ? 'sourcefilename' : 'name');
      const folder = attribute(parents.at(-1), 'name') ?? '';
      if (own === null) return;
      const path = folder === '' ? own : `${folder}/${own}`;
      const modules = parents.filter(({ name }) => name === 'group').map((one) => attribute(one, 'name'));
      const read = element.name === 'class' ? functionsOf(element) : linesOf(element);
      covered({ paths: pathsOf(path, modules.at(-1) ?? null), ...read });
    }),
};

/** A report of several modules names them, and two may hold a class of the same name. */
function pathsOf(path: string, module: string | null): string[] {
  const roots = ['src/main/java', 'src/main/kotlin', 'src/main/scala', 'src/main/groovy'];
  return [...(module === null ? [] : roots.map((root) => `${module}/${root}/${path}`)), path];
}

function functionsOf(element: XmlElement): Omit<CoveredFile, 'paths'> {
  const functions: [string, boolean][] = [];
  for (const method of element.children.filter(({ name }) => name === 'method')) {
    const counter = method.children.find((one) => attribute(one, 'type') === 'METHOD');
    const name = `${attribute(element, 'name')}.${attribute(method, 'name')}${attribute(method, 'desc')}`;
    if (counter !== undefined) functions.push([name, (wholeNumber(counter, 'covered') ?? 0) > 0]);
  }
  return { functions };
}

function linesOf(element: XmlElement): Omit<CoveredFile, 'paths'> {
  const lines: [number, boolean][] = [];
  const branches: [number, number, number][] = [];
  for (const one of element.children.filter(({ name }) => name === 'line')) {
    const number = wholeNumber(one, 'nr');
    if (number === null) continue;
    // gcovr names the lines and does not say whether they ran.
    const instructions = [wholeNumber(one, 'ci'), wholeNumber(one, 'mi')];
    if (instructions.some((count) => count !== null)) lines.push([number, (instructions[0] ?? 0) > 0]);
    const [taken, missed] = [wholeNumber(one, 'cb') ?? 0, wholeNumber(one, 'mb') ?? 0];
    if (taken + missed > 0) branches.push([number, taken, taken + missed]);
  }
  const share = (type: string) => {
    const counter = element.children.find((one) => one.name === 'counter' && attribute(one, 'type') === type);
    const [covered, missed] = [wholeNumber(counter, 'covered'), wholeNumber(counter, 'missed')];
    return covered === null || missed === null ? undefined : { covered, total: covered + missed };
  };
  return { lines, branches, sums: { lines: share('LINE'), functions: share('METHOD') } };
}

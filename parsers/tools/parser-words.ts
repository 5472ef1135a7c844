import type { NamedParser } from '../define.ts';
import { toolNamed, tools } from './registry.ts';

/** Words that start the tool of a parser in a command. */
export function programsOf({ tool, programs }: NamedParser): readonly string[] {
  return programs ?? toolNamed(tool)?.programs ?? [];
}

/** The languages of which the tool of a parser speaks: they order the candidates. */
export function languagesOf({ tool, languages }: NamedParser): readonly string[] {
  return languages ?? toolNamed(tool)?.languages ?? [];
}

/** By tool the first and the last of the codes that stand together on its card. */
const told = new Map(
  tools.map(({ name, exits = { '0-1': '' } }) => [
    name,
    Object.keys(exits).map((codes) => codes.split('-').map(Number)),
  ]),
);

/** Whether a tool that ends with this exit code told all that it found, by its card. */
export function toldAll(tool: string, code: number | null): boolean {
  const ranges = told.get(tool) ?? [[0, 1]];
  return code !== null && ranges.some(([first = 0, last = first]) => first <= code && code <= last);
}

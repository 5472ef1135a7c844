import type { Silencer as Known, Reach } from '../../../../../parsers/tools/define.ts';
import { tools } from '../../../../../parsers/tools/registry.ts';
import { endPattern, silencerPattern } from '../../../../../parsers/tools/silencer-pattern.ts';

/** One way to tell a tool to be silent. */
export type Silencer = Pick<Known, 'languages' | 'where' | 'reach'> & {
  /** The name of the tool that it speaks to. */
  readonly tool: string;
  /** Directives of one family speak to the same tool: a wide one may be narrowed to another. */
  readonly family: string;
  /** Where it is valid on a line of its own. */
  readonly alone: Reach;
  readonly pattern: RegExp;
  /** What ends its block. */
  readonly end: RegExp | null;
};

/** 1 a line or a declaration, 2 a block, 3 a file. */
export const widths: Readonly<Record<Reach, 1 | 2 | 3>> = { line: 1, next: 1, declaration: 1, block: 2, file: 3 };

/** The silencers of all tools. */
export const silencerTable: readonly Silencer[] = tools.flatMap(({ name, silencers = [] }) =>
  silencers.map((known) => ({
    tool: name,
    family: known.family ?? name,
    languages: known.languages,
    where: known.where,
    reach: known.reach,
    alone: known.alone ?? known.reach,
    pattern: silencerPattern(known),
    end: endPattern(known),
  })),
);

/** What ends a block of silence, by family. */
export const endingTable: readonly (readonly [family: string, pattern: RegExp])[] = [
  ...new Map(
    silencerTable.flatMap(({ family, end }) => (end === null ? [] : [[`${family} ${end.source}`, { family, end }]])),
  ).values(),
].map(({ family, end }) => [family, end] as const);

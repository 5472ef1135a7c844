import type { Narrowing, Tool } from './define.ts';

/** How a tool reads the words of its command. Options that are in neither list are not understood. */
export type CommandOptions = {
  /** The words that start it. */
  readonly program: readonly string[];
  /** Options whose value is the next word. */
  readonly values: readonly string[];
  /** Options that stand alone. */
  readonly flags: readonly string[];
  readonly reads: Narrowing['reads'];
  readonly dashes: boolean;
  readonly wholeFolder: boolean;
};

const list = (words: string | undefined) => (words ?? '').split(' ').filter((word) => word !== '');

/** All options of a tool that can be asked about some files only; null for the others. */
export function commandOptions({ options = {}, narrowing }: Tool): CommandOptions | null {
  if (narrowing === undefined) return null;
  const { start, values, flags, reads, dashes = true, wholeFolder = true } = narrowing;
  return {
    program: start.split(' '),
    values: [...list(options.selects), ...list(options.ignores), ...list(options.config), ...list(values)],
    flags: [...list(options.lowers), ...list(flags)],
    reads,
    dashes,
    wholeFolder,
  };
}

import type { Parser } from '../define.ts';
import { toolNamed } from './registry.ts';

/** Words that start the tool of a parser in a command. */
export function programsOf({ tool, programs }: Parser): readonly string[] {
  return programs ?? toolNamed(tool)?.programs ?? [];
}

/** The languages of which the tool of a parser speaks: they order the candidates. */
export function languagesOf({ tool, languages }: Parser): readonly string[] {
  return languages ?? toolNamed(tool)?.languages ?? [];
}

import type { Consumer } from './define.ts';
import { type ParserDeps, parser } from './parser/parser.ts';
import type { PatcherDeps } from './patcher/attempt-steps.ts';
import { patcher } from './patcher/patcher.ts';

/** Every consumer, by the role that runs it, alphabetically. */
export const consumers: {
  readonly parser: (deps: ParserDeps) => Consumer;
  readonly patcher: (deps: PatcherDeps) => Consumer;
} = { parser, patcher };

import type { Consumer } from './define.ts';
import { type ParserDeps, parser } from './parser/parser.ts';

/** Everything that the consumers of this build ask for. */
export type ConsumersDeps = ParserDeps;

/** Every consumer, by the role that runs it, alphabetically. */
export const consumers: Readonly<Record<'parser', (deps: ConsumersDeps) => Consumer>> = { parser };

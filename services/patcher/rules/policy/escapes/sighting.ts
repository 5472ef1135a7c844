import type { GrammarName, SyntaxNode } from '../../../../floor/text/syntax-tree.ts';

/** Something by which a source gets out of being judged. Two of one `key` are the same thing. */
export type Sighting = {
  readonly rule: string;
  readonly key: string;
  readonly why: string;
  readonly node: string;
  readonly line: number;
  readonly text: string;
};

/** Looks at one node of a source; null when nothing is wrong with it. */
export type See = (node: SyntaxNode, grammar: GrammarName) => Omit<Sighting, 'node' | 'line' | 'text'> | null;

export const see = (rule: string, key: string, why: string) => ({ rule, key: `${rule} ${key}`, why });

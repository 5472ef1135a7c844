/** The languages of which there is a grammar. */
export const grammarNames = [
  'bash',
  'c-sharp',
  'cpp',
  'go',
  'java',
  'javascript',
  'kotlin',
  'php',
  'python',
  'ruby',
  'rust',
  'swift',
  'tsx',
  'typescript',
] as const;
export type GrammarName = (typeof grammarNames)[number];

/** One node of a syntax tree. Words and punctuation are nodes without kids. */
export type SyntaxNode = {
  readonly type: string;
  /** What it is to its parent, as the grammar says; null when it does not say. */
  readonly field: string | null;
  readonly named: boolean;
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly kids: readonly SyntaxNode[];
  readonly parent: SyntaxNode | null;
};

/** A text that was read. `faults` counts the places that its grammar did not understand. */
export type SyntaxTree = { readonly root: SyntaxNode; readonly faults: number };

/** Reads a text; null when there is no grammar for the language, or the text is too large to be read. */
export type Parse = (grammar: GrammarName, text: string) => SyntaxTree | null;

/** All nodes below and with this one, parents first. */
export function* nodesOf(node: SyntaxNode): Generator<SyntaxNode> {
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    for (let at = next.kids.length - 1; at >= 0; at -= 1) open.push(next.kids[at] as SyntaxNode);
  }
}

export function fieldOf(node: SyntaxNode, ...names: readonly string[]): SyntaxNode | null {
  return node.kids.find(({ field }) => field !== null && names.includes(field)) ?? null;
}

/** The nodes around one, the nearest first. */
export function* around(node: SyntaxNode): Generator<SyntaxNode> {
  for (let at = node.parent; at !== null; at = at.parent) yield at;
}

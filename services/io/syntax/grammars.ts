import { createRequire } from 'node:module';
import { Language, Parser, type Tree, type TreeCursor } from 'web-tree-sitter';
import type { GrammarName, Parse, SyntaxNode, SyntaxTree } from '../../floor/text/syntax-tree.ts';

/** Nodes of one text, and of all texts of one patch, beyond which none is read: some 200 bytes each. */
const mostNodes = 500_000;
const mostInAll = 2_500_000;
/** What nests deeper is not read either. */
const deepest = 1_000;

const elsewhere: Partial<Readonly<Record<GrammarName, string>>> = {
  kotlin: '@lumis-sh/wasm-kotlin/tree-sitter-kotlin.wasm',
  swift: '@repomix/tree-sitter-wasms/out/tree-sitter-swift.wasm',
};

let ready: Promise<void> | undefined;
const loaded = new Map<GrammarName, Language>();

/** Loads grammars, which are WebAssembly out of packages, and gives what reads texts by them. */
export async function openGrammars(names: Iterable<GrammarName>): Promise<Parse> {
  ready ??= Parser.init();
  await ready;
  const require = createRequire(import.meta.url);
  for (const name of new Set(names)) {
    if (loaded.has(name)) continue;
    const file = elsewhere[name] ?? `@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`;
    loaded.set(name, await Language.load(require.resolve(file)));
  }
  let left = mostInAll;
  return (grammar, text) => {
    const language = loaded.get(grammar);
    if (language === undefined) return null;
    const parser = new Parser();
    try {
      const tree = parser.setLanguage(language).parse(text);
      const read = tree === null || left <= 0 ? null : copied(tree, text);
      left -= read?.nodes ?? 0;
      return read;
    } finally {
      parser.delete();
    }
  };
}

/** The tree as plain objects: those of the library cross into WebAssembly at each look. */
function copied(tree: Tree, text: string): (SyntaxTree & { readonly nodes: number }) | null {
  const cursor = tree.walk();
  const count = { nodes: 0, faults: 0 };
  try {
    const root = copy(cursor, null, text, count);
    return root === null ? null : { root, faults: count.faults, nodes: count.nodes };
  } finally {
    cursor.delete();
    tree.delete();
  }
}

type Open = Omit<SyntaxNode, 'kids' | 'parent'> & { kids: Open[]; parent: Open | null };

/** Goes down and up by hand: a text may nest deeper than the stack. */
function copy(cursor: TreeCursor, parent: Open | null, text: string, count: { nodes: number; faults: number }) {
  const nodeHere = (over: Open | null): Open => {
    count.nodes += 1;
    if (cursor.nodeType === 'ERROR' || cursor.nodeIsMissing) count.faults += 1;
    return new PlainNode(cursor, over, text);
  };
  let at = nodeHere(parent);
  const root = at;
  for (let depth = 0; ; ) {
    if (count.nodes > mostNodes || depth > deepest) return null;
    if (cursor.gotoFirstChild()) {
      depth += 1;
      const kid = nodeHere(at);
      at.kids.push(kid);
      at = kid;
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent() || at.parent === null) return root;
      depth -= 1;
      at = at.parent;
    }
    const over = at.parent;
    if (over === null) return root;
    at = nodeHere(over);
    over.kids.push(at);
  }
}

class PlainNode implements Open {
  readonly type: string;
  readonly field: string | null;
  readonly named: boolean;
  readonly line: number;
  readonly kids: Open[] = [];
  readonly parent: Open | null;
  readonly #from: number;
  readonly #to: number;
  readonly #source: string;

  constructor(cursor: TreeCursor, parent: Open | null, source: string) {
    this.type = cursor.nodeType;
    this.field = cursor.currentFieldName;
    this.named = cursor.nodeIsNamed;
    this.line = cursor.startPosition.row + 1;
    this.parent = parent;
    this.#from = cursor.startIndex;
    this.#to = cursor.endIndex;
    this.#source = source;
  }

  get text(): string {
    return this.#source.slice(this.#from, this.#to);
  }
}

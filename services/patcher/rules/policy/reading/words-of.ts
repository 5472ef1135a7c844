import { fieldOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { isCall, textOf } from './canonical-text.ts';
import type { Side } from './patch-reading.ts';

/** One word of code: a name, or a keyword. */
export type Word = {
  readonly text: string;
  /** What it is reached by, with it, such as `Math.max`. */
  readonly path: string;
  /** What is reached by it, such as `Math.max` of `Math`; its path when nothing is. */
  readonly to: string;
  readonly line: number;
  /** Whether it is declared here, or is a key of an object that nobody is handed. */
  readonly declared: 'name' | 'key' | null;
  /** Whether it stands inside of a function. */
  readonly inside: boolean;
  /** Whether it is called by itself. */
  readonly called: boolean;
  /** Whether it is a part of something else that is read, and neither called nor set. */
  readonly read: boolean;
};

const word = /^[$@:]{0,2}[A-Za-z_]\w*[!?]?$/;
const passed = /comment|_(?:content|fragment|start|end)$|^(?:regex|char_literal|character_literal|heredoc)/;

/** The words of a file, in their order: what stands in texts and comments is none, what is put into a text is. */
export function wordsIn(side: Side): Word[] {
  if (side.tree === null) return plainWords(side);
  const words: Word[] = [];
  const visit = (node: SyntaxNode, inside: boolean): void => {
    if (passed.test(node.type) || textOf(node) !== null) return;
    if (node.kids.length > 0) {
      const within = inside || functions.test(node.type);
      for (const kid of node.kids) visit(kid, within && (inside || kid.field !== 'name'));
      return;
    }
    if (!word.test(node.text) || (side.grammar === 'bash' && isArgument(node))) return;
    words.push({
      text: node.text,
      path: pathOf(node),
      to: reachedBy(node),
      line: node.line,
      declared: declaredAs(node),
      inside,
      called: isBareCallee(node),
      read: isRead(node),
    });
  };
  visit(side.tree.root, false);
  return words;
}

const locals = /^[ \t]+.*?\b(?:my|local|let|var|val|final)\b[\s(]+([\w$@%,\s]+)/gm;

/** Where there is no grammar; only what is declared within a block is declared. */
function plainWords({ code, codeLines }: Side): Word[] {
  const declared = new Set([...code.matchAll(locals)].flatMap(([, names]) => names?.match(/[A-Za-z_]\w*/g) ?? []));
  return codeLines.flatMap((line, at) =>
    (line.match(/[A-Za-z_]\w*/g) ?? []).map((text) => ({
      text,
      path: text,
      to: text,
      line: at + 1,
      declared: declared.has(text) ? ('name' as const) : null,
      inside: true,
      called: false,
      read: false,
    })),
  );
}

const functions = /function|method|lambda|closure|constructor|^init_declaration$|func_literal/;

const isBareCallee = ({ parent, field, type }: SyntaxNode) =>
  parent !== null &&
  /identifier/.test(type) &&
  (field === 'function' ||
    (field === 'name' && parent.type === 'method_invocation' && parent.kids[0]?.field === 'name')) &&
  isCall(parent);

function isRead(node: SyntaxNode): boolean {
  const over = node.parent;
  if (over === null || !access.test(over.type) || over.kids.at(-1) !== node) return false;
  // In Ruby, what is read is called, and has nothing behind it.
  if (isCall(over) && over.type !== 'call') return false;
  const use = over.parent;
  return use !== null && !(isCall(use) && use.kids[0] === over) && !(/assign/.test(use.type) && use.kids[0] === over);
}

/** What a command of a shell is given stands for itself. */
const isArgument = ({ type, parent }: SyntaxNode) =>
  type === 'word' && parent?.type !== 'command_name' && parent?.type !== 'function_definition';

const access =
  /^(?:attribute|member_expression|selector_expression|field_expression|field_access|scoped_identifier|qualified_identifier|qualified_name|member_access_expression|scoped_type_identifier|navigation_expression|class_constant_access_expression|scope_resolution|method_invocation|call)$/;

function pathOf(node: SyntaxNode): string {
  const over = node.parent;
  if (over === null || !access.test(over.type)) return node.text;
  const at = over.kids.indexOf(node);
  const before = over.kids[at - 1];
  const object = over.kids[at - 2];
  return before !== undefined && object !== undefined && /^(?:\.|::|->|\?\.|&\.|\?->)$/.test(before.text)
    ? dots(`${object.text}.${node.text}`)
    : node.text;
}

const dots = (text: string) => text.replace(/\s+/g, '').replace(/::|->|\?\.|&\./g, '.');

function reachedBy(node: SyntaxNode): string {
  const over = node.parent;
  return over !== null && access.test(over.type) && over.kids[0] === node ? dots(over.text) : pathOf(node);
}

const declares =
  /declarator|declaration|definition|^let_|parameter|_spec$|^assignment|^augmented|^for_|_clause$|pattern|^function_item|^const_item|^method|binding|^instanceof|^closure|^lambda|^arrow_function|named_expression|^var_|variable_assignment|^foreach|range_clause|expression_list|^block_parameters$|catch|except|as_pattern|^variable_list|capture|argument_list|^use_as|alias|resource|_item$|import|receive|^identifier_list|^variadic|^do_block|^simple_parameter|enumerator|^tuple|^property/;
const places = /^(?:name|left|pattern|declarator|parameter|parameters|alias|argument|variable|target|item|key|label)$/;

function declaredAs(leaf: SyntaxNode): Word['declared'] {
  const node = leaf.parent?.type === 'variable_name' ? leaf.parent : leaf;
  if (isDeclared(node)) return 'name';
  const over = node.parent;
  const isKey = over?.type === 'pair' && node.field === 'key' && over.parent?.parent != null;
  return isKey && !/argument/.test(over.parent?.parent?.type ?? 'argument') ? 'key' : null;
}

function isDeclared(node: SyntaxNode): boolean {
  const over = node.parent;
  if (over === null || !declares.test(over.type) || /argument_list|call/.test(over.type)) return false;
  if (/parameter|pattern|variable_declaration|import|binding|capture|identifier_list/.test(over.type))
    return node.field !== 'type';
  if (node.field !== null) return places.test(node.field);
  // Kotlin gives the name of a function no field.
  if (over.type === 'function_declaration' && node.type === 'simple_identifier') return true;
  // A list on the left of an assignment.
  const held = over.parent;
  return held !== null && fieldOf(held, 'left') === over;
}

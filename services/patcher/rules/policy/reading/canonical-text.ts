import { around, fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { aliases } from './assertion-words.ts';

const isString = /string|char_literal|character_literal|heredoc|template_literal/;
const holes = /interpolat(?:ion|ed_)|substitution|expansion|embedded/;
const isNumber = /^(?:.*_)?(?:integer|float|number|int|real)(?:_literal)?$/;
/** Words that say how a name is kept, and not what it is. */
const keeping = new Set([
  'const',
  'let',
  'var',
  'val',
  'final',
  'mut',
  'readonly',
  'public',
  'auto',
  'async',
  '"',
  "'",
  '`',
  'function',
  '=>',
  ':',
]);
const typed =
  /^(?:local_variable_declaration|variable_declaration|typed_parameter|typed_default_parameter|var_spec|let_declaration|property_declaration|variable_declarator|required_parameter|optional_parameter|declaration|assignment)$/;
const typeNodes = /^(?:type_annotation|type_arguments|type_parameters|nullable_type)$/;

/**
 * The words of a piece of code, so that two that mean the same are the same: without comments, types, needless parentheses
 * and commas, with one way of writing quotes, numbers and the names that stand for one another.
 */
export function tokensOf(node: SyntaxNode, without: ReadonlySet<SyntaxNode> = none): string[] {
  const words: string[] = [];
  const visit = (at: SyntaxNode): void => {
    if (without.has(at) || /comment/.test(at.type) || typeNodes.test(at.type)) return;
    if (
      at.field === 'return_type' ||
      (at.text === '->' && at.parent?.kids.some(({ field }) => field === 'return_type'))
    )
      return;
    if (at.field === 'type' && at.parent !== null && typed.test(at.parent.type)) return;
    const string = textOf(at);
    if (string !== null) words.push(JSON.stringify(aliases.get(string) ?? string));
    else if (isNumber.test(at.type)) words.push(at.text.replaceAll('_', '').toLowerCase());
    else if (at.kids.length === 0) {
      if (at.text !== '' && at.text !== ';' && at.text !== ',' && at.text !== '\n' && !keeping.has(at.text))
        words.push(aliases.get(at.text) ?? at.text);
    } else if (/^(?:parenthesized_expression|condition_clause)$/.test(at.type) && at.kids.length === 3)
      visit(at.kids[1] as SyntaxNode);
    else if (at.kids[0]?.text === 'array' && at.type === 'array_creation_expression') {
      words.push('[');
      for (const kid of at.kids.slice(2, -1)) visit(kid);
      words.push(']');
    } else if (at.type === 'token_tree') bare(at.kids).forEach(visit);
    else if (at.type === 'list' && isMarked(at)) unlike(at.kids).forEach(visit);
    else if (
      at.type === 'argument_list' &&
      at.parent?.type === 'call' &&
      at.parent.kids.some(({ field }) => field === 'method')
    )
      for (const kid of at.kids.filter(({ text }) => text !== '(' && text !== ')')) visit(kid);
    else for (const kid of at.kids) visit(kid);
  };
  visit(node);
  return words;
}

/** A vector of Rust is a slice to whoever compares it. */
function bare(kids: readonly SyntaxNode[]): SyntaxNode[] {
  return kids.filter(
    (kid, at) =>
      !(kid.text === 'vec' && kids[at + 1]?.text === '!') && !(kid.text === '!' && kids[at - 1]?.text === 'vec'),
  );
}

const isMarked = (node: SyntaxNode) => [...around(node)].some(({ type }) => type === 'decorator');

/** A case that is given twice is tried once more, and says nothing more. */
function unlike(kids: readonly SyntaxNode[]): SyntaxNode[] {
  const seen = new Set<string>();
  return kids.filter((kid) => !kid.named || (!seen.has(kid.text) && seen.add(kid.text)));
}

const none: ReadonlySet<SyntaxNode> = new Set();

export function canonOf(node: SyntaxNode): string {
  return tokensOf(node).join(' ');
}

/** What a string says, however it is quoted; null for what is none, or is put together at run time. */
export function textOf(node: SyntaxNode): string | null {
  if (!node.named || !isString.test(node.type) || /_(?:content|fragment|start|end)$|concatenated/.test(node.type))
    return null;
  for (const inner of nodesOf(node)) if (holes.test(inner.type)) return null;
  return node.text.replace(/^[a-zA-Z@$]{0,3}(?:r?#*)?("""|'''|["'`])/, '').replace(/("""|'''|["'`])#*$/, '');
}

const calls =
  /^(?:call|call_expression|method_invocation|invocation_expression|object_creation_expression|new_expression|function_call_expression|member_call_expression|nullsafe_member_call_expression|scoped_call_expression|macro_invocation|command)$/;
const suffixes = /^(?:arguments|argument_list|call_suffix|token_tree|value_arguments)$/;

export function isCall(node: SyntaxNode): boolean {
  return node.named && calls.test(node.type);
}

/** The name by which something is called, such as `expect().not.toBe` or `t.Fatalf`: calls inside of it have no arguments. */
export function calleeOf(node: SyntaxNode): string {
  const words: string[] = [];
  const visit = (at: SyntaxNode): void => {
    if (/comment/.test(at.type) || typeNodes.test(at.type)) return;
    const callish = isCall(at);
    const text = textOf(at);
    if (text !== null) words.push(text);
    else if (at.kids.length === 0) words.push(at.text);
    else
      for (const kid of at.kids) {
        if (callish && (kid.field === 'argument' || kid.field === 'block' || suffixes.test(kid.type))) {
          if (at !== node) words.push('()');
        } else if (!(at === node && kid.field === 'block')) visit(kid);
      }
  };
  visit(node);
  return words
    .join('')
    .replace(/->|::|\?\.|&\./g, '.')
    .replace(/\.{2,}/g, '.')
    .replace(/^new(?=[A-Z])|[!$\\;]/g, '');
}

/** What a call is given, each with the name that the call gives it, if any. */
export function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  const direct = node.kids.filter(({ field }) => field === 'argument');
  if (direct.length > 0) return direct;
  const list = fieldOf(node, 'arguments') ?? node.kids.find(({ type }) => suffixes.test(type));
  if (list == null) return [];
  const inner = list.type === 'call_suffix' ? (list.kids.find(({ type }) => type === 'value_arguments') ?? list) : list;
  return inner.kids.filter(({ named, type }) => named && !/comment/.test(type));
}

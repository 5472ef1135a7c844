import { around, fieldOf, nodesOf, type SyntaxNode, type SyntaxTree } from '../../../../floor/text/syntax-tree.ts';
import { operations, saysWhy } from './assertion-words.ts';
import { argumentsOf, calleeOf, canonOf, isCall, textOf, tokensOf } from './canonical-text.ts';
import { parametrizedRows } from './parametrized-rows.ts';

/** One statement of a file, or what stands before the block of a larger one. */
export type Statement = {
  readonly kind: 'statement' | 'head' | 'import' | 'mark';
  /** What it says, so that two that mean the same are the same. */
  readonly says: string;
  /** How strictly it compares, when it asserts. */
  readonly level: number;
  /** The names of what it stands in, from outside to inside, such as `fn test_a`, `if`, `with`. */
  readonly within: readonly string[];
  readonly tokens: readonly string[];
  /** The names that it declares. */
  readonly declares: readonly string[];
  readonly hasCall: boolean;
  readonly node: SyntaxNode;
  readonly line: number;
};

/** One statement that has come, gone or changed, where nothing of that kind may. */
export type Change = {
  readonly line: number;
  readonly side: 'before' | 'after';
  readonly node: string;
  readonly text: string;
};

const blocks =
  /^(?:block|statement_block|body_statement|compound_statement|statement_list|statements|declaration_list|class_body|interface_body|enum_body|object_body|program|module|source_file|translation_unit|compilation_unit|do_block|do_group|then|else|function_body|control_structure_body|field_declaration_list|switch_block|switch_body|lambda_literal|finally_clause|else_clause|ensure|match_block|switch_section|switch_block_statement_group|begin_block|preproc_ifdef|preproc_if|preproc_else|extension_body|protocol_body|namespace_definition|annotated_lambda|template_body)$/;
const marks =
  /^(?:decorator|annotation|marker_annotation|attribute_list|attribute_item|inner_attribute_item|attribute|attributes)$/;
const imports =
  /^(?:import|import_\w+|use_declaration|using_directive|namespace_use_declaration|preproc_include|future_import_statement|import_header|package_clause|package_declaration)$/;
const functions =
  /function|method|lambda|subroutine|constructor|closure|func_literal|^operator_declaration$|^singleton_method$/;

/** The statements of a file in their order; those of one subtree when `root` is given. Never throws. */
export function statementsOf({ root }: Pick<SyntaxTree, 'root'>): Statement[] {
  const found: Statement[] = [];
  walk(root, [], found);
  return found;
}

function walk(block: SyntaxNode, within: readonly string[], found: Statement[]): void {
  for (const node of block.kids) {
    if (!node.named || /comment|^php_tag$|^heredoc_body$/.test(node.type)) continue;
    if (marks.test(node.type)) {
      found.push(statement('mark', node, within, tokensOf(node)));
      continue;
    }
    if (imports.test(node.type) || isRequire(node)) {
      found.push(statement('import', node, within, tokensOf(node)));
      continue;
    }
    const inner = blocksIn(node);
    if (inner.length === 0) {
      if (blocks.test(node.type)) walk(node, within, found);
      else found.push(statement('statement', node, within, tokensOf(node)));
      continue;
    }
    const inside = marksIn(node, inner);
    const begins = fieldOf(node, 'initializer');
    if (begins !== null && node.type === 'if_statement') {
      found.push(statement('statement', begins, within, tokensOf(begins)));
      inside.push(begins);
    }
    for (const mark of inside) if (mark !== begins) found.push(statement('mark', mark, within, tokensOf(mark)));
    const head = tokensOf(node, new Set([...inner, ...inside]));
    if (head.length > 0) found.push(statement('head', node, within, head));
    for (const one of inner) walk(one, [...within, placeOf(node, one, head)], found);
  }
}

/** The outermost blocks inside of a node. */
function blocksIn(node: SyntaxNode): SyntaxNode[] {
  if (blocks.test(node.type)) return [];
  const inner: SyntaxNode[] = [];
  const visit = (at: SyntaxNode): void => {
    for (const kid of at.kids) {
      if (blocks.test(kid.type) && kid.named) inner.push(kid);
      else if (!marks.test(kid.type)) visit(kid);
    }
  };
  visit(node);
  // An arrow function with one expression has no block: what it does is a part of the statement.
  return inner;
}

function marksIn(node: SyntaxNode, inner: readonly SyntaxNode[]): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const visit = (at: SyntaxNode): void => {
    for (const kid of at.kids) {
      if (inner.includes(kid)) continue;
      if (marks.test(kid.type) && !(kid.type === 'attribute' && kid.kids.some(({ text }) => text === '.')))
        found.push(kid);
      else visit(kid);
    }
  };
  visit(node);
  return found;
}

/** What something stands in: a named function or class by its name, a call by its callee, else the word of the language. */
function placeOf(node: SyntaxNode, block: SyntaxNode, head: readonly string[]): string {
  const catches = [...around(block)].find(({ type }) => /catch|except|rescue|finally|^else/.test(type));
  if (catches !== undefined && isInside(catches, node)) return catches.type.split('_')[0] ?? '';
  const defined = [node, ...node.kids].find(
    ({ type }) => /class|struct|impl|mod_item|namespace|object_declaration/.test(type) || functions.test(type),
  );
  const name = defined === undefined ? null : nameOf(defined);
  if (name !== null) return `fn ${name}`;
  const call = [...nodesOf(node)].find((one) => isCall(one) && isInside(block, one));
  if (call !== undefined) return `call ${calleeOf(call)}`;
  return /^(?:with|using|try)$/.test(head[0] ?? '') ? head.slice(0, 4).join(' ') : (head[0] ?? node.type);
}

function isInside(node: SyntaxNode, outer: SyntaxNode): boolean {
  for (const at of around(node)) if (at === outer) return true;
  return node === outer;
}

export function nameOf(node: SyntaxNode): string | null {
  const named =
    fieldOf(node, 'name', 'declarator') ??
    node.kids.find(({ type }) => /^(?:simple_identifier|type_identifier|identifier)$/.test(type));
  if (named == null) return null;
  const inner = named.field === 'declarator' ? (nameOf(named) ?? named.text) : named.text;
  return inner.slice(0, 200);
}

function isRequire(node: SyntaxNode): boolean {
  return (
    /^(?:lexical_declaration|variable_declaration|expression_statement|call)$/.test(node.type) &&
    /^(?:(?:const|let|var)\s[^=(]{1,300}=\s{0,9}|)(?:require|require_relative|require_once|load|source)\b\s{0,9}[(\s]\s{0,9}["'`][^"'`]{1,300}["'`]\)?;?\s{0,9}$/.test(
      node.text,
    )
  );
}

function statement(
  kind: Statement['kind'],
  node: SyntaxNode,
  within: readonly string[],
  words: readonly string[],
): Statement {
  const tokens = (kind === 'mark' ? parametrizedRows(node) : null) ?? words;
  const claim = kind === 'statement' ? claimOf(node) : null;
  return {
    kind,
    says: claim?.says ?? macro(tokens.join(' ')),
    level: claim?.level ?? 0,
    within,
    tokens,
    declares: declaredBy(node, kind),
    hasCall: [...nodesOf(node)].some(isCall),
    node,
    line: node.line,
  };
}

/** Assertions of Rust are macros, whose arguments have no tree. */
function macro(text: string): string {
  return text
    .replace(/^assert_eq ! \( (.+) true \)$/, 'assert ! ( $1 )')
    .replace(/^assert_eq ! \( (.+) false \)$/, 'assert ! ( ! $1 )')
    .replace(/^assert_eq ! \( (.+) \. len \( \) 0 \)$/, 'assert ! ( $1 . is_empty ( ) )')
    .replace(/^assert ! \( (.+) \. len \( \) == 0 \)$/, 'assert ! ( $1 . is_empty ( ) )');
}

function declaredBy(node: SyntaxNode, kind: Statement['kind']): string[] {
  const names: string[] = [];
  if (kind === 'head') {
    for (const one of nodesOf(node)) {
      if (/parameter/.test(one.type) && one.named) names.push(...identifiersIn(one));
      if (/as_pattern_target|for_statement|for_in_statement/.test(one.type))
        names.push(...identifiersIn(fieldOf(one, 'left') ?? one));
      if (names.length > 200) break;
    }
    return names;
  }
  for (const one of nodesOf(node)) {
    const target =
      /^(?:variable_declarator|init_declarator|var_spec|let_declaration|property_declaration|variable_declaration|value_binding_pattern|variable_assignment)$/.test(
        one.type,
      )
        ? (fieldOf(one, 'name', 'pattern', 'declarator') ??
          one.kids.find(({ named, type }) => named && !/binding|modifier/.test(type)))
        : /^(?:assignment|short_var_declaration|assignment_expression)$/.test(one.type)
          ? fieldOf(one, 'left')
          : null;
    if (target != null && !/attribute|member|field|subscript|call|access|navigation|selector/.test(target.type))
      names.push(...identifiersIn(target));
  }
  return names;
}

export function identifiersIn(node: SyntaxNode): string[] {
  return [...nodesOf(node)]
    .filter(({ kids, type }) => kids.length === 0 && /identifier|^name$|variable_name|constant/.test(type))
    .map(({ text }) => text);
}

type Claim = { readonly says: string; readonly level: number };

/** What a statement asserts, in one way of saying it; null when it is no assertion that is known. */
function claimOf(node: SyntaxNode): Claim | null {
  const inner = node.kids.filter(({ named }) => named);
  if (/assert_statement|^assert$/.test(node.type) && inner[0] !== undefined) return truth(inner[0], true);
  if (/^await/.test(node.type)) {
    const waited = inner[0] === undefined ? null : claimOf(inner[0]);
    return waited === null ? null : { ...waited, says: `await ${waited.says}` };
  }
  const at = node.type === 'expression_statement' && inner.length === 1 ? (inner[0] as SyntaxNode) : node;
  if (at !== node && /assert|await/.test(at.type)) return claimOf(at);
  if (!isCall(at)) return null;
  const callee = calleeOf(at);
  const last = /([\w]+)$/.exec(callee)?.[1] ?? '';
  const args = argumentsOf(at);
  if (saysWhy.test(callee))
    return {
      says: `${callee} (${args
        .filter((one) => textOf(one) === null && one.kids.every((kid) => textOf(kid) === null))
        .map(canonOf)
        .join(' ')})`,
      level: 0,
    };
  const expected = /(?:^|\.)expect\(\)\.(?:resolves\.|rejects\.)?(\w+)$/.exec(callee);
  if (expected !== null) {
    const subject = [...nodesOf(at)].find((one) => one !== at && isCall(one) && calleeOf(one) === 'expect');
    if (subject === undefined || callee.includes('jects')) return null;
    return claim(expected[1] ?? '', [...argumentsOf(subject), ...args]);
  }
  const root = callee.slice(0, callee.length - last.length).replace(/\.$/, '');
  if (!/^(?:|self|this|Assert|Assertions|assert|require|t|XCTest)$/.test(root)) return null;
  if (last === 'assert' && root !== '' && root !== 'self') return null;
  return claim(last, /macro/.test(at.type) ? macroArguments(args) : args);
}

function macroArguments(args: readonly SyntaxNode[]): SyntaxNode[] {
  return args.length === 0 ? [] : [...args];
}

function claim(name: string, args: readonly SyntaxNode[]): Claim | null {
  const found = operations.find(([names]) => names.test(name));
  if (found === undefined || args.length === 0 || args[0]?.parent?.type === 'token_tree') return null;
  const [, op, level] = found;
  const own = args.filter((one) => one.text !== 't');
  const [first, second] = own;
  if (first === undefined) return null;
  if ((op === 'true' || op === 'false') && own.length <= 2 && (second === undefined || textOf(inside(second)) !== null))
    return truth(inside(first), op === 'true');
  if (op === 'null' || op === 'not null' || op === 'empty' || op === 'single')
    return own.length === 1 ? { says: `${op} ${canonOf(first)}`, level } : null;
  if (second === undefined || own.length > 2) return null;
  const [a, b] = [nearly(canonOf(inside(first))), nearly(canonOf(inside(second)))];
  if (op === 'count') return compared('eq', a, `count ( ${b} )`, level);
  if (op === 'length') return compared('eq', `${a} . length`, b, 2);
  return compared(op, a, b, level);
}

/** Some grammars put each argument into a node of its own. */
function inside(node: SyntaxNode): SyntaxNode {
  const named = node.kids.filter((kid) => kid.named);
  return /^(?:argument|value_argument|parenthesized_expression)$/.test(node.type) && named.length === 1
    ? inside(named[0] as SyntaxNode)
    : node;
}

/** A fraction is compared as exactly as a machine can. */
const nearly = (text: string) => /^(?:pytest \. )?approx \( (\d*\.\d+) \)$/.exec(text)?.[1] ?? text;

const nothing = new Set(['None', 'null', 'nil', 'NULL', 'nullptr']);

function compared(op: string, a: string, b: string, level: number): Claim {
  if (op === 'eq' || op === 'ne') {
    const [empty, other] = nothing.has(a) ? [a, b] : [b, a];
    if (nothing.has(empty)) return { says: `${op === 'eq' ? 'null' : 'not null'} ${other}`, level: 1 };
    const yes = ['True', 'true', 'TRUE'].includes(empty)
      ? true
      : ['False', 'false', 'FALSE'].includes(empty)
        ? false
        : null;
    if (yes !== null) return { says: `${(op === 'eq') === yes ? 'true' : 'false'} ${other}`, level };
    const none = /^len \( (.+) \)$/.exec(a === '0' ? b : a);
    if (op === 'eq' && none !== null && (a === '0' || b === '0')) return { says: `false ${none[1]}`, level: 1 };
    const counted = /^(.*?) \. (?:Count|Length|size|length|count)(?: \( \))?$/.exec(a === '1' || a === '0' ? b : a);
    if (op === 'eq' && counted !== null && (a === '1' || a === '0' || b === '1' || b === '0'))
      return { says: `${[a, b].includes('1') ? 'single' : 'empty'} ${counted[1]}`, level: 1 };
    return { says: `${op} ${[a, b].sort().join(' | ')}`, level };
  }
  return { says: `${op} ${a} | ${b}`, level };
}

/** A condition that must hold, or must not. */
function truth(node: SyntaxNode, wanted: boolean): Claim {
  const at = inside(node);
  const kids = at.kids;
  const operator = kids.length === 3 ? kids[1] : undefined;
  if (
    /not_operator|unary_expression|prefix_unary/.test(at.type) &&
    /^(?:not|!)$/.test(kids[0]?.text ?? '') &&
    kids[1] !== undefined
  )
    return truth(kids[1], !wanted);
  if (
    operator !== undefined &&
    kids[0] !== undefined &&
    kids[2] !== undefined &&
    /comparison|binary|equality/.test(at.type)
  ) {
    const op = {
      '==': 'eq',
      '===': 'eq',
      is: 'eq',
      '!=': 'ne',
      '!==': 'ne',
      'is not': 'ne',
      in: 'in',
      'not in': 'not in',
    }[operator.text.replace(/\s+/g, ' ')];
    const opposite = { eq: 'ne', ne: 'eq', in: 'not in', 'not in': 'in' };
    if (op !== undefined)
      return compared(
        wanted ? op : opposite[op as keyof typeof opposite],
        nearly(canonOf(inside(kids[0]))),
        nearly(canonOf(inside(kids[2]))),
        operator.text === '===' || operator.text === 'is' ? 2 : 1,
      );
  }
  return { says: `${wanted ? 'true' : 'false'} ${canonOf(at)}`, level: 1 };
}

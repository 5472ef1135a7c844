import { fieldOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, canonOf, isCall } from '../reading/canonical-text.ts';
import { identifiersIn } from '../reading/statements-of.ts';
import { literalsIn, plain } from './one-question.ts';
import { type See, see } from './sighting.ts';

const why = 'one question is told apart from all others: work its answer out as theirs';
const found = (key: string) => see('known_by_heart', key, why);
const together =
  /^(?:tuple|tuple_expression|array|list|list_literal|array_expression|array_creation_expression|array_literal|composite_literal|collection_literal|template_string|string|string_literal|encapsed_string|interpolated_string_expression|infix_expression|line_string_literal|initializer_list)$/;
const pairs = /(?:^|\.)(?:listOf|arrayOf|Pair|(?:List|Set|Arrays)\.\w+|array|join|makePair|make_pair|make_tuple)$/;
const holds =
  /(?:^|\.)(?:equals|Equals|eql\?|include\?|includes|contains|has|SequenceEqual|DeepEqual|Equal|isEqual|in_array|contentEquals|array_equal|deepEqual|is_deeply)$/;
export const arms =
  /^(?:when_entry|match_arm|case_clause|switch_case|switch_expression_arm|switch_rule|case_statement|match_conditional_expression|when|expression_case|switch_section|switch_entry|case_item|in_clause)$/;

/** Of a patch for a failing test: what a function is given is not held against the whole of one question, whatever it answers then. */
export const pinned: See = (node) => {
  if (!node.named) return null;
  if (arms.test(node.type)) return isPinnedArm(node) ? found('arm') : null;
  if (isCall(node)) return holds.test(calleeOf(node)) && isPinnedCall(node) ? found('pair') : null;
  if (/subscript|index|element_reference/.test(node.type))
    return node.kids.slice(1).some((kid) => isPin(bare(kid))) ? found('truth') : null;
  const sides = operands(node);
  if (sides === null) return null;
  const { left, operator, right } = sides;
  if (/^(?:={2,3}|in|is|eq|=~)$/.test(operator))
    return isOnePair(left, right) || isOnePair(right, left) ? found('pair') : null;
  if (ands.test(operator)) {
    const asked = pinsOf(node);
    const isWhole = asked !== null && new Set(asked.map(([name]) => name)).size >= 2 && asked.some(isTelling);
    return isWhole || (isPin(bare(left)) && isNumber(right)) ? found('question') : null;
  }
  return /^(?:[-+*/^|]|\*\*|[-+*/^|]=)$/.test(operator) && [left, right].some((one) => isPin(bare(one)))
    ? found('truth')
    : null;
};

function operands(node: SyntaxNode): { left: SyntaxNode; operator: string; right: SyntaxNode } | null {
  const [left, operator, right, more] = operated.test(node.type)
    ? node.kids.filter(({ type }) => !/comment/.test(type))
    : [];
  return left && operator && right && !more ? { left, operator: operator.text, right } : null;
}

/** `(a, b)` beside `(2, 3)`: two names or more, told together, and as many numbers. */
function isOnePair(asked: SyntaxNode, held: SyntaxNode): boolean {
  const one = bare(asked);
  const isTogether = together.test(one.type) || (isCall(one) && pairs.test(calleeOf(one)));
  const names = new Set(identifiersIn(one));
  const told = new Set(identifiersIn(held));
  return isTogether && names.size >= 2 && [...names].filter((name) => !told.has(name)).length >= 2 && isPinning(held);
}

function isPinnedCall(node: SyntaxNode): boolean {
  const parts = [node.kids[0]?.kids[0] ?? node, fieldOf(node, 'object', 'receiver') ?? node, ...argumentsOf(node)];
  return parts.some(
    (one) => one !== node && parts.some((other) => other !== node && one !== other && isOnePair(one, other)),
  );
}

const isPinning = (node: SyntaxNode) => {
  const sizes = /\[ (\d+) \] \w+/.exec(canonOf(node))?.[1];
  const values = literalsIn(node);
  if (sizes !== undefined) values.splice(values.indexOf(sizes), 1);
  return node.text.length < 2000 && values.length >= 2 && values.some((value) => !plain.test(value));
};

/** An arm for `(2, 3)`; one for a range of numbers, or for any of several, is none. */
function isPinnedArm(node: SyntaxNode): boolean {
  const pattern = fieldOf(node, 'pattern', 'value', 'condition') ?? node.kids.find(({ named }) => named);
  return (
    pattern != null && /^(?:["'(]|.*[[({])/s.test(pattern.text) && !/\.\./.test(pattern.text) && isPinning(pattern)
  );
}

const isNumber = (node: SyntaxNode) => /^"?[-+]? ?\d[\w.]*"?$/.test(canonOf(bare(node)));

/** `n == 4`, and what makes a number of it. */
function isPin(node: SyntaxNode): boolean {
  if (/ternary|conditional_expression/.test(node.type)) {
    const test =
      node.type === 'conditional_expression'
        ? (fieldOf(node, 'condition') ?? node.kids[2])
        : fieldOf(node, 'condition');
    return test != null && isPin(bare(test)) && node.kids.some(isNumber);
  }
  return pinsOf(node)?.some(isTelling) ?? false;
}

const operated =
  /^list$|binary|comparison|boolean_operator|assignment|equality|additive|multiplicative|conjunction|infix/;
const ands = /^(?:&&|and|-a)$/;
const isTelling = ([, value]: readonly [string, string]) => !plain.test(value);

/** Which names are held against which numbers, all of them at once; null where anything else is asked as well. */
function pinsOf(node: SyntaxNode): (readonly [name: string, value: string])[] | null {
  const sides = operands(node);
  if (sides === null) return null;
  const { left, operator, right } = sides;
  if (ands.test(operator)) {
    const [one, other] = [pinsOf(bare(left)), pinsOf(bare(right))];
    return one === null || other === null ? null : [...one, ...other];
  }
  const isEqual = /^(?:={2,3}|is|eq|-eq)$/.test(operator) || (operator === '=' && node.type === 'binary_expression');
  const [name, value] = isNumber(left) ? [right, left] : [left, right];
  if (!isEqual || !isNumber(value) || isNumber(name) || /%|\bmod\b/.test(name.text)) return null;
  return [[name.text, canonOf(bare(value)).replaceAll('"', '')]];
}

/** Without brackets and what turns a truth into a number. */
function bare(node: SyntaxNode): SyntaxNode {
  const only = node.kids.filter(({ named }) => named);
  if (/parenthesized|^test_command$/.test(node.type) || (/^unary/.test(node.type) && /^[+~]/.test(node.text)))
    return only[0] === undefined ? node : bare(only[0]);
  if (/cast_expression|as_expression/.test(node.type)) {
    const inner = fieldOf(node, 'value') ?? only[0];
    return inner == null ? node : bare(inner);
  }
  const [first, ...more] = isCall(node) ? argumentsOf(node) : [];
  const turns = /^(?:int|float|Number|Integer|Int|intval|(?:[iu]\d+|usize|f64)\.from|Convert\.ToInt\d+)$/;
  return first !== undefined && more.length === 0 && turns.test(calleeOf(node)) ? bare(inside(first)) : node;
}

const inside = (argument: SyntaxNode) =>
  /argument/.test(argument.type) ? (argument.kids.find(({ named }) => named) ?? argument) : argument;

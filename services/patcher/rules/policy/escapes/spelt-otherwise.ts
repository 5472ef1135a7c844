import { fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, canonOf, isCall, textOf } from '../reading/canonical-text.ts';
import { number, plain } from './one-question.ts';
import { type See, see } from './sighting.ts';

const literal = /^(?:-? ?\d[\w.]*|"(?:[^"\\]|\\.)*"|true|false|True|False|None|null|nil|undefined|\[ ?\]|\{ ?\})$/;
const sums =
  /^(?:binary_expression|binary_operator|binary|concatenated_string|additive_expression|comparison_operator|boolean_operator|equality_expression|conjunction_expression|disjunction_expression)$/;

/** A value that everybody can write down is worked out instead, so that no tool reads it: `not True`, `"md" + "5"`, `bool(0)`. */
export const speltOtherwise: See = (node) => {
  const why = 'a value is worked out that can be written down: no tool reads it like that';
  const parts = node.kids.filter(({ named, type }) => named && !/comment/.test(type));
  const isLiteral = (one: SyntaxNode) => literal.test(canonOf(one).replace(/^\( (.*) \)$/, '$1'));
  if (
    /^(?:not_operator|unary_expression|unary_operator|unary|prefix_expression|unary_op_expression|prefix_unary_expression)$/.test(
      node.type,
    )
  )
    return /^(?:!|not\b)/.test(node.text) && parts.length === 1 && isLiteral(parts[0] as SyntaxNode)
      ? see('value_hidden', 'not', why)
      : null;
  const [left, right] = parts.map(canonOf);
  const isSame = sums.test(node.type) && parts.length === 2 && left === right && /^[\w$. ]+$/.test(left ?? '');
  if (isSame && /^(?:={2,3}|!==?|is|<=|>=)$/.test(node.kids[1]?.text ?? '')) return see('value_hidden', 'itself', why);
  if (!sums.test(node.type) || parts.length !== 2 || !parts.every(isLiteral)) return null;
  const texts = parts.map(textOf);
  return texts.every((one) => one !== null && one.length <= 16 && !/\s/.test(one))
    ? see('value_hidden', 'apart', why)
    : null;
};

const rows =
  /^(?:array|list|tuple|array_creation_expression|composite_literal|literal_value|initializer_list|array_initializer|collection_literal|array_literal|array_expression|initializer_expression|list_expression|collection_expression|implicit_array_creation_expression|call_expression|call|method_invocation)$/;
const makers = /(?:^|\.)(?:listOf|arrayOf|intArrayOf|mutableListOf|List\.of|Arrays\.asList|Set\.of)$/;

/** Of a patch for a failing test: a row of numbers that answers by its place. */
export const rowOfAnswers: See = (node) => {
  if (!rows.test(node.type) || node.text.length > 4000) return null;
  if (isCall(node) && !makers.test(calleeOf(node))) return null;
  const values = (isCall(node) ? argumentsOf(node) : node.kids.filter(({ named }) => named)).map(canonOf);
  const isRow = values.length >= 2 && values.every((one) => number.test(one)) && values.some((one) => !plain.test(one));
  if (!isRow) return null;
  return isReachedInto(node) ? see('known_by_heart', 'row', 'answers stand in a row of numbers: work them out') : null;
};

/** What it holds is taken out by its place: here, or by the name that it has. */
function isReachedInto(node: SyntaxNode): boolean {
  let at: SyntaxNode = node;
  while (at.parent !== null) {
    const over: SyntaxNode = at.parent;
    const reaches =
      /subscript|index|element_access|element_reference|^member_expression$|^attribute$|^navigation_expression$/;
    if (reaches.test(over.type) && over.kids[0] === at) return true;
    const name = fieldOf(over, 'name', 'left', 'pattern', 'declarator');
    if (
      name !== null &&
      name !== at &&
      /declarator|spec|assignment|declaration|const|static|property|field/.test(over.type)
    ) {
      const word = /[A-Za-z_]\w*/.exec(name.text)?.[0] ?? '';
      let top: SyntaxNode = over;
      while (top.parent !== null) top = top.parent;
      return [...nodesOf(top)].some(
        (one) =>
          /subscript|index_expression|indexing|element_access|element_reference|array_access/.test(one.type) &&
          (one.kids[0]?.text ?? '').replace(/^[$@]|.*\./, '') === word,
      );
    }
    at = over;
  }
  return false;
}

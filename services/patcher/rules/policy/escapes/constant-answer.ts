import { around, fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { canonOf } from '../reading/canonical-text.ts';
import { identifiersIn } from '../reading/statements-of.ts';
import { number, plain } from './one-question.ts';
import { type See, see } from './sighting.ts';

const functions =
  /^(?:function_definition|function_declaration|function_expression|arrow_function|method_declaration|method_definition|function_item|method|singleton_method)$/;
const branches = /^(?:if_statement|if_expression|ternary_expression|conditional_expression|conditional)$/;
const why = 'a constant is answered whatever is asked: work it out of the arguments';

/**
 * Of a patch for a failing test: no function with arguments answers a number by heart, nor does an arm chosen by them. Both are
 * one thing, so that a function that did so may choose between such answers from now on: a fee is a constant.
 */
export const constantAnswer: See = (node) => {
  if (functions.test(node.type)) {
    const body = fieldOf(node, 'body');
    return body !== null && parametersOf(node).size >= 2 && isConstant(body)
      ? see('known_by_heart', 'constant', why)
      : null;
  }
  if (!branches.test(node.type)) return null;
  const test = fieldOf(node, 'condition') ?? (node.type === 'conditional_expression' ? node.kids[2] : undefined);
  const over = [...around(node)].find(({ type }) => functions.test(type));
  if (test === undefined || over === undefined || test.text.length > 400) return null;
  const asked = new Set(identifiersIn(test));
  const given = parametersOf(over);
  const isOfArguments = asked.size >= 2 && [...asked].every((name) => given.has(name));
  const hasNumbers = [...nodesOf(test)].some(({ kids, text }) => kids.length === 0 && number.test(text));
  if (!isOfArguments || hasNumbers) return null;
  return node.kids.some((kid) => kid.named && kid !== test && isConstant(kid))
    ? see('known_by_heart', 'constant', why)
    : null;
};

function parametersOf(node: SyntaxNode): Set<string> {
  const list = fieldOf(node, 'parameters') ?? fieldOf(fieldOf(node, 'declarator') ?? node, 'parameters');
  return new Set(list === null ? [] : identifiersIn(list).filter((name) => !/^(?:self|this|cls|_\w*)$/.test(name)));
}

function isConstant(node: SyntaxNode): boolean {
  const said = canonOf(node)
    .replace(/^(?:else )?(?:\{ ?)?(?:return )?/, '')
    .replace(/ ?;? ?\}?$/, '')
    .trim();
  return number.test(said) && !plain.test(said);
}

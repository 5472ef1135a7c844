import { fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { canonOf } from '../reading/canonical-text.ts';
import { identifiersIn } from '../reading/statements-of.ts';
import { type See, see } from './sighting.ts';

export const number = /^[-+]? ?(?:\d[\w.]*|\.\d+)$/;
/** Numbers that say nothing of a question. */
export const plain = /^[-+]? ?(?:0|1|0\.0|1\.0)$/;
const branches =
  /^(?:if_statement|if_expression|if|elsif|elif_clause|if_modifier|unless|ternary_expression|conditional_expression|conditional|guard_statement|list)$/;
const choice = /ternary|conditional/;
const why = 'an answer is given by heart for one question: work it out';

/**
 * Of a patch for a failing test: nothing is asked that only that test asks. Two names are held against a number each, wherever
 * that stands; or a number is answered where two names meet numbers, in whatever words.
 */
export const oneQuestion: See = (node) => {
  if (!node.named) return null;
  if (node.type === 'macro_invocation' && /^matches\s*!/.test(node.text) && /\(\s*-?\d[^)]*,\s*-?\d/.test(node.text))
    return see('known_by_heart', 'question', why);
  if (!branches.test(node.type)) return null;
  const test = fieldOf(node, 'condition') ?? node.kids.find(({ named }) => named);
  const given = test == null ? null : answerOf(node, test);
  if (test == null || given === null) return null;
  return asksSum(canonOf(test)) || (asksNumbers(test) && !plain.test(given))
    ? see('known_by_heart', 'question', why)
    : null;
};

/** The numbers that stand in it, and in texts that hold nothing else. */
export const literalsIn = (node: SyntaxNode) =>
  [...nodesOf(node)].flatMap(({ kids, text }) =>
    kids.length > 0
      ? []
      : number.test(text)
        ? [text]
        : /^["']?(?:-?\d+)(?:[ ,:;|-]-?\d+)*["']?$/.test(text)
          ? (text.match(/\d+/g) ?? [])
          : [],
  );

/** Two names or more meet two numbers or more, one of which is no plain one. */
function asksNumbers(test: SyntaxNode): boolean {
  if (test.text.length > 400) return false;
  const names = new Set(identifiersIn(test).map((name) => name.replace(/^\$/, '')));
  const values = literalsIn(test);
  return names.size >= 2 && values.length >= 2 && values.some((value) => !plain.test(value));
}

/** `a * 1000 + b == 3004`: what is worked out of two names is one number. */
function asksSum(said: string): boolean {
  const test = said.replace(/^\(\( (.*) \)\)$/, '$1');
  const [left = '', right = '', ...more] = test.split(/ (?:={2,3}|eq|-eq) /);
  const [sum, value] = number.test(left) ? [right, left] : [left, right];
  const names = new Set(sum.match(/(?<![\w.])[a-z_]\w*/gi));
  return more.length === 0 && /^[-+]? ?(?:\d{2,}|0x\w+)$/.test(value) && names.size >= 2 && /\d/.test(sum);
}

/** The number that is answered where the condition holds; null when it is something else. */
function answerOf(node: SyntaxNode, test: SyntaxNode): string | null {
  const then = node.kids.find(
    (kid) => kid.named && kid !== test && kid.field !== 'condition' && !/comment|else/.test(kid.type),
  );
  if (then === undefined) return null;
  const said = canonOf(then)
    .replace(/^(?:\{|then) /, '')
    .replace(/ \}$/, '');
  const given = /^(?:return|echo|printf|yield|(?:"%\w" )) ?"?([-+]? ?\d[\w.]*)"?(?: (?:return|;.*|\d*))?$/.exec(
    said,
  )?.[1];
  const value = given ?? (choice.test(node.type) || /^if/.test(node.type) ? said : '');
  return number.test(value) ? value : null;
}

import { fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, canonOf, isCall } from '../reading/canonical-text.ts';
import { number, plain } from './one-question.ts';
import { type See, see } from './sighting.ts';
import { isTable } from './test-shortcuts.ts';

const why = 'an answer is held in reserve for what is asked: work it out';
const found = (key: string) => see('known_by_heart', key, why);
const giving =
  /(?:^|\.)(?:get|fetch|dig|pop|setdefault|getOrDefault|GetValueOrDefault|getOrElse|orElse|unwrap_or|map_or|next|first|find)$/;
const operators = /^(?:\?\?|\|\||\?:|or)$/;
const handlers = /^(?:except_clause|catch_clause|catch_block|rescue|else_clause|guard_statement)$/;
const isNumber = (text: string) => number.test(text) && !plain.test(text);

/**
 * Of a patch for a failing test: no number is answered where nothing else is found, no table of answers is new, and no range is
 * so narrow that one question alone falls into it.
 */
export const inReserve: See = (node) => {
  if (isCall(node)) {
    const given = argumentsOf(node);
    const last = given.at(-1);
    const isLast = given.length >= 2 || /(?:unwrap_or|orElse)$/.test(calleeOf(node));
    if (giving.test(calleeOf(node)) && isLast && last !== undefined && isNumber(canonOf(last)))
      return found('fallback');
  }
  if (isTable(node)) return found('table');
  if (handlers.test(node.type)) {
    const said = /\breturn ((?:- ?)?\d[\w.]*)(?: |$)/.exec(canonOf(node))?.[1];
    const isHandler = node.type !== 'else_clause';
    return isHandler && said !== undefined && isNumber(said) ? found('handler') : null;
  }
  const parts = node.kids.filter(({ type }) => !/comment/.test(type));
  const [, operator, right] = parts;
  const said = right === undefined ? '' : canonOf(right);
  if (parts.length === 3 && operators.test(operator?.text ?? '') && (isNumber(said) || /^"[A-Z]/.test(said)))
    return found('fallback');
  return isNarrow(node) ? found('range') : null;
};

const chain = /^(-? ?\d[\d_.]*) <(=?) .{1,80} <(=?) (-? ?\d[\d_.]*)$/;
const bound = /^(.{1,80}?) (<|>)(=?) (-? ?\d[\d_.]*)$/;

/** `1995 < year < 1997`, and the same with an `and` in it. */
function isNarrow(node: SyntaxNode): boolean {
  if (!/binary|comparison|boolean_operator|conjunction|infix/.test(node.type) || node.text.length > 200) return false;
  const said = canonOf(node);
  const whole = chain.exec(said);
  if (whole !== null) return isBetween(whole[1], whole[4]);
  const sides = said.split(/ (?:&&|and) /).map((part) => bound.exec(part));
  return sides.some((one) =>
    sides.some(
      (other) => one?.[1] === other?.[1] && one?.[2] === '>' && other?.[2] === '<' && isBetween(one[4], other[4]),
    ),
  );
}

const isBetween = (from = '', to = '') => Number(to.replace(' ', '')) - Number(from.replace(' ', '')) <= 2;

const splats = /^(?:dictionary_splat_pattern|list_splat_pattern|rest_pattern|variadic_parameter)$/;
const optional = /^(?:optional_parameter|default_parameter|typed_default_parameter)$/;

/** Of a patch for a finding about types: no signature takes more than before. */
export const looserSignature: See = (node, grammar) => {
  const says = 'a signature takes more than before: mend what is handed over';
  const see_ = (key: string) => see('type_widened', key, says);
  if (splats.test(node.type) && /parameter/.test(node.parent?.type ?? '')) return see_('splat');
  if (optional.test(node.type)) return see_('optional');
  if (/^(?:typescript|tsx)$/.test(grammar)) {
    if (node.type === 'type_parameters' && /function|method/.test(node.parent?.type ?? '')) return see_('generic');
    if (/field_definition$|^variable_declarator$/.test(node.type) && node.kids.some(({ text }) => text === '!'))
      return see_('!');
    const isHeld = /^(?:required_parameter|variable_declarator|public_field_definition)$/.test(node.parent?.type ?? '');
    if (node.type === 'type_annotation' && isHeld && node.kids.some(({ type }) => type === 'union_type'))
      return see_('union');
    const isReturned = node.type === 'type_annotation' && node.field === 'return_type';
    if (isReturned && /^: ?(?!.*\b(?:undefined|null)\b)[^<{(]*\|/.test(node.text)) return see_('union');
  }
  return /^unary/.test(node.type) && /^\+\s*[$\w]/.test(node.text) && !/^\+\s*\d/.test(node.text) ? see_('plus') : null;
};

/** Names by which a function is handed something. */
export function handedTo(node: SyntaxNode): Set<string> {
  const list = fieldOf(node, 'parameters') ?? fieldOf(fieldOf(node, 'declarator') ?? node, 'parameters');
  const names = [...(list === null ? [] : nodesOf(list))].filter(
    ({ kids, type }) => kids.length === 0 && /identifier|name$|^self$/.test(type),
  );
  return new Set([...names.map(({ text }) => text), 'self', 'this', '$this', 'super']);
}

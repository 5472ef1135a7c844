import { nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, canonOf, isCall, textOf } from './canonical-text.ts';

const sequence = /^(?:list|tuple)$/;
const kidsOf = (node: SyntaxNode) => node.kids.filter(({ named, type }) => named && !/comment/.test(type));

/**
 * What pytest makes of `parametrize`: names in one string, a list or a tuple are the same, and so are rows in a list or a
 * tuple. Null when it is something else, or cannot be read.
 */
export function parametrizedRows(mark: SyntaxNode): string[] | null {
  if (mark.type !== 'decorator') return null;
  const call = [...nodesOf(mark)].find(isCall);
  if (call === undefined || !/(?:^|\.)mark\.parametrize$/.test(calleeOf(call))) return null;
  const [names, rows, ...others] = argumentsOf(call);
  if (names === undefined || rows === undefined || !sequence.test(rows.type)) return null;
  const text = textOf(names);
  const words = text !== null ? text.split(',') : sequence.test(names.type) ? kidsOf(names).map(textOf) : null;
  if (words === null || words.some((one) => one === null)) return null;
  const said = words.map((one) => one?.trim() ?? '').filter((one) => one !== '');
  // One name in a string takes each row as it is; every other way takes a row apart.
  const single = text !== null && said.length === 1;
  const seen = new Set<string>();
  for (const row of kidsOf(rows)) {
    const values = !single && sequence.test(row.type) ? kidsOf(row).map(canonOf) : null;
    seen.add(single ? `( ${canonOf(row)} )` : values === null ? canonOf(row) : `( ${values.join(' , ')} )`);
  }
  return [calleeOf(call), '(', said.join(','), ...seen, ...others.map(canonOf), ')'];
}

import type { Objection, Rule } from '../define.ts';
import type { Reading, Side } from '../reading/patch-reading.ts';
import { type Directive, directivesOf } from './directives.ts';
import { endingTable, widths } from './suppression-table.ts';

/** Directives that are compared with each other. */
const most = 500;

/** No tool is told to be silent that was not before. What moves, or becomes narrower, is not added. */
export const addedSuppression: Rule = {
  name: 'added_suppression',
  judge(patch) {
    const before = patch.files.flatMap(({ before }) => (before === null ? [] : directivesOf(before)));
    const after = patch.files.flatMap(({ after }) => (after === null ? [] : directivesOf(after)));
    const [fresh, gone] = without(after, before);
    const wide = gone.sort((a, b) => size(a) - size(b)).slice(0, most);
    const unpaid = fresh.slice(0, most).filter((one) => {
      const at = wide.findIndex((other) => covers(other, one));
      if (at >= 0) wide.splice(at, 1);
      return at < 0;
    });
    return [...unpaid.map(objection), ...lostEndings(patch, before, after)];
  },
};

function objection({ path, line, text }: Directive): Objection {
  const words = text.replace(/\s+/g, ' ').trim().slice(0, 120);
  return { rule: 'suppression_added', path, line, why: `"${words}" silences a tool: mend what it found instead` };
}

const keyOf = ({ family, reach, codes }: Directive) => `${family} ${widths[reach]} ${codes?.join() ?? '*'}`;
const size = ({ reach, codes }: Directive) => widths[reach] * 1000 + (codes?.length ?? 999);

/** What each of two lists has that the other has not, or not as often. */
function without(after: readonly Directive[], before: readonly Directive[]): [Directive[], Directive[]] {
  const left = new Map<string, Directive[]>();
  for (const one of before) {
    const same = left.get(keyOf(one));
    if (same === undefined) left.set(keyOf(one), [one]);
    else same.push(one);
  }
  const fresh = after.filter((one) => left.get(keyOf(one))?.pop() === undefined);
  return [fresh, [...left.values()].flat()];
}

function covers(wide: Directive, narrow: Directive): boolean {
  if (wide.family !== narrow.family || widths[wide.reach] < widths[narrow.reach]) return false;
  return wide.codes === null || (narrow.codes?.every((code) => wide.codes?.includes(code)) ?? false);
}

/** A block of silence whose end is taken away reaches to the end of the file. */
function lostEndings({ files }: Reading, before: readonly Directive[], after: readonly Directive[]): Objection[] {
  return endingTable.flatMap(([family, pattern]) => {
    const count = (side: Side | null) => (side === null ? 0 : (side.text.match(pattern)?.length ?? 0));
    const blocks = (all: readonly Directive[]) =>
      all.filter((one) => one.family === family && widths[one.reach] > 1).length;
    const file = files.find(({ before, after }) => count(before) > count(after));
    const ends = files.reduce((sum, { before, after }) => sum + count(before) - count(after), 0);
    if (file === undefined || ends <= Math.max(0, blocks(before) - blocks(after))) return [];
    return [
      {
        rule: 'suppression_added',
        path: file.file.path,
        line: null,
        why: 'the end of a silenced block is gone, so that it reaches further',
      },
    ];
  });
}

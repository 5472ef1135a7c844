import { type Assertion, assertionsIn, assertionsOf } from './assertion-line.ts';
import type { Objection, Rule } from './define.ts';
import type { Reading, Side } from './patch-reading.ts';
import { isCollected, isTestFile, type Pair, pairTests } from './test-case.ts';

/** Tests assert as much as before, as firmly, and the same. */
export const weakenedAssertion: Rule = {
  name: 'weakened_assertion',
  judge(patch) {
    const moved = movedTexts(patch);
    const found = pairTests(patch).flatMap((pair) => judgePair(pair, moved));
    return found.length > 0 ? found : judgeWhole(patch);
  },
};

/** Assertions that the patched files hold more often than the old ones, and how much more often. */
function movedTexts({ files }: Reading): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (side: Side | null, by: number) => {
    if (side !== null && (isTestFile(side) || isCollected(side)))
      for (const { text } of assertionsIn(side)) counts.set(text, (counts.get(text) ?? 0) + by);
  };
  for (const { before, after } of files) {
    add(before, -1);
    add(after, 1);
  }
  return counts;
}

function judgePair({ before, after }: Pair, moved: ReadonlyMap<string, number>): Objection[] {
  if (after === null) return [];
  const old = assertionsOf(before);
  const now = assertionsOf(after);
  const fresh = beside(now, old);
  // What is asserted in another test or in a helper now, at least as often as before, has only moved.
  const gone = beside(old, now).filter(({ text }) => (moved.get(text) ?? 0) < 0);
  if (gone.length === 0) return [];
  const at = { path: after.path, line: fresh[0]?.line ?? after.line };
  const name = after.name.slice(0, 100);
  const count = (all: readonly Assertion[], least: number) => all.filter(({ strength }) => strength >= least).length;
  if (count(gone, 1) > count(fresh, 1))
    return [{ ...at, rule: 'assertion_weakened', why: `the test "${name}" asserts less than before` }];
  if (count(gone, 2) > count(fresh, 2))
    return [{ ...at, rule: 'assertion_weakened', why: `the test "${name}" no longer says what exactly is expected` }];
  const changed = gone.find((one) => one.strength > 0 && expectsOther(one, fresh));
  return changed === undefined
    ? []
    : [
        {
          ...at,
          rule: 'expected_changed',
          why: `the test "${name}" expects another value: mend the code, not what is expected of it`,
        },
      ];
}

function beside(all: readonly Assertion[], others: readonly Assertion[]): Assertion[] {
  const left = new Map<string, number>();
  for (const { text } of others) left.set(text, (left.get(text) ?? 0) + 1);
  return all.filter(({ text }) => {
    const same = left.get(text) ?? 0;
    left.set(text, same - 1);
    return same <= 0;
  });
}

/** No new assertion has all of its literals, and one that is written like it has others. */
function expectsOther({ shape, callee, literals }: Assertion, fresh: readonly Assertion[]): boolean {
  if (literals.length === 0 || fresh.some((one) => holds(one.literals, literals))) return false;
  if (literals.some((one) => /[{%$]/.test(one))) return fresh.some((one) => one.shape === shape);
  return fresh.some((one) => one.shape === shape || one.callee === callee);
}

export function holds(all: readonly string[], some: readonly string[]): boolean {
  const left = [...all];
  return some.every((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** The helpers of the tests count too, all files together. */
function judgeWhole({ files }: Reading): Objection[] {
  const sum = (side: Side | null) =>
    side === null || !isTestFile(side) ? 0 : assertionsIn(side).filter(({ strength }) => strength > 0).length;
  const less = files.filter(({ before, after }) => sum(before) > sum(after));
  const all = files.reduce((total, { before, after }) => total + sum(after) - sum(before), 0);
  const first = less[0];
  if (all >= 0 || first === undefined) return [];
  return [
    {
      rule: 'assertion_weakened',
      path: first.file.path,
      line: null,
      why: `the tests hold ${-all} assertions less than before`,
    },
  ];
}

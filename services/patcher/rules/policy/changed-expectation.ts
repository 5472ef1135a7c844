import { literalsOf } from './assertion-line.ts';
import type { Objection, Rule } from './define.ts';
import type { Line, ReadFile, Side } from './patch-reading.ts';
import { isCollected, isTestFile } from './test-case.ts';
import { holds } from './weakened-assertion.ts';

const recorded =
  /(?:^|\/)(?:__snapshots__|snapshots?|goldens?|cassettes|__fixtures__|fixtures|testdata)\/|\.(?:snap|golden|approved\.\w{1,10}|verified\.\w{1,10}|ambr)$/i;
const named = /\b\w{0,40}(?:expect|want|golden)\w{0,40}["']?\s{0,9}(?::?=(?!=)|:)/i;
const row =
  /^(?:[{([].{0,200}?["'`\d]|["'`\d-]|\[?(?:InlineData|TestCase|DataRow|Arguments\.of|arguments|CsvSource)\b|\|)/;
const opensTable =
  /parametri[sz]e|\.each\b|\bstruct\s{0,9}\{|\b(?:cases|table|tests|scenarios|examples|inputs|testCases)\b|InlineData|DataRow|TestCase|CsvSource|MethodSource|dataProvider|data_provider|with_data|\bwhere:|rstest|INSTANTIATE_TEST/i;

/** What tests compare with, outside of their assertions: tables of cases, named expectations, recorded output. */
export const changedExpectation: Rule = { name: 'changed_expectation', judge: ({ files }) => files.flatMap(judgeFile) };

function judgeFile({ file, before, after, added, removed }: ReadFile): Objection[] {
  const { path, status, oldPath } = file;
  if (status !== 'added' && recorded.test(oldPath ?? path))
    return [
      { rule: 'expected_changed', path, line: null, why: 'what tests compare with is changed: mend the code instead' },
    ];
  if (before === null || after === null || !(isTestFile(before) || isCollected(before))) return [];
  const fresh = added.filter((line) => isExpectation(line, after)).slice(0, 500);
  return removed
    .filter((line) => isExpectation(line, before))
    .slice(0, 500)
    .flatMap((line) => judgeLine(line, fresh, after));
}

function isExpectation({ text, code, at }: Line, side: Side): boolean {
  if (code === '' || literalsOf(text.slice(0, 1000)).length === 0) return false;
  return named.test(text.slice(0, 1000)) || (row.test(text.slice(0, 1000)) && isInTable(side, at));
}

/** Whether one of the lines above, as far as the nearest empty one, opens a table of cases. */
function isInTable({ codeLines }: Side, at: number): boolean {
  for (let above = at - 1; above >= Math.max(0, at - 60); above -= 1) {
    const line = codeLines[above]?.slice(0, 500) ?? '';
    if (opensTable.test(line)) return true;
    if (line.trim() === '' && above < at - 1) return false;
  }
  return false;
}

function judgeLine({ text, at }: Line, fresh: Line[], after: Side): Objection[] {
  const literals = literalsOf(text.slice(0, 1000));
  const kept = fresh.findIndex((one) => holds(literalsOf(one.text.slice(0, 1000)), literals));
  if (kept >= 0) {
    fresh.splice(kept, 1);
    return [];
  }
  const other = fresh.find((one) => shapeOf(one.text) === shapeOf(text));
  if (other !== undefined)
    return [
      {
        rule: 'expected_changed',
        path: after.path,
        line: other.at,
        why: 'the tests expect another value: mend the code instead',
      },
    ];
  // One of two equal rows may go, and a row may be written over several lines.
  if (named.test(text) || after.lines.some((line) => line.trim() === text) || fresh.length > 0) return [];
  return [{ rule: 'test_deleted', path: after.path, line: at, why: 'a case is taken out of a table of tests' }];
}

function shapeOf(text: string): string {
  return text
    .slice(0, 1000)
    .replace(/"[^"\n]*"|'[^'\n]*'|`[^`\n]*`/g, '""')
    .replace(/\b\d[\w.]*/g, '0')
    .replace(/\s+/g, '')
    .replace(/,$/, '');
}

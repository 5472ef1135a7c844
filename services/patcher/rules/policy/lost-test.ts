import type { Objection, Rule } from './define.ts';
import type { ReadFile, Side } from './patch-reading.ts';
import { bodyOf, isCollected, isTestFile, type Pair, pairTests } from './test-case.ts';

const everywhere = new Set(['csharp', 'rust', 'swift']);

/** Every test is still found by its runner, and still does something. */
export const lostTest: Rule = {
  name: 'lost_test',
  judge: (patch) => [...patch.files.flatMap(judgeFile), ...pairTests(patch).flatMap(judgePair)],
};

function judgeFile({ file, before, after }: ReadFile): Objection[] {
  if (before === null || !collects(before) || (after !== null && collects(after))) return [];
  const why =
    after === null ? 'a file of tests is deleted' : 'under its new name the file is no longer taken for a test';
  return [{ rule: 'test_deleted', path: file.path, line: null, why }];
}

function collects(side: Side): boolean {
  return isCollected(side) && (!everywhere.has(side.language?.name ?? '') || isTestFile(side));
}

function judgePair({ before, after, file }: Pair): Objection[] {
  const name = before.name.slice(0, 100);
  if (after === null)
    return [
      {
        rule: 'test_deleted',
        path: file.file.path,
        line: before.line,
        why: `the test "${name}" is gone, or its runner no longer finds it`,
      },
    ];
  if (bodyOf(before).length === 0 || bodyOf(after).length > 0) return [];
  return [
    { rule: 'test_emptied', path: after.path, line: after.line, why: `the test "${name}" no longer does anything` },
  ];
}

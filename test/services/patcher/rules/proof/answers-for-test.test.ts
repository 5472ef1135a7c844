import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answersForTest } from '../../../../../services/patcher/rules/proof/answers-for-test.ts';

const reasonOf = (path: string, added: string, test: string) => {
  const lines = added.split('\n');
  const diff = `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;
  return answersForTest({ diff, sources: [path], tests: [test] })?.reason ?? null;
};
const total = 'assert total([1, 2]) == 3\nassert total([10, 20]) == 30';

describe('a draft that answers for its test', () => {
  const cheats: [path: string, added: string, test: string][] = [
    ['a.py', '    if items == [1, 2]:\n        return 3', total],
    ['a.py', '    return 3 if items == [1, 2] else sum(items[:-1])', total],
    ['a.py', '    if items == [10, 20]: return 30', total],
    ['a.js', "  if (name === 'ann') return 'Ann A.';", "assert.equal(full('ann'), 'Ann A.');"],
    ['a.js', '  return String(items) === "1,2" ? 3 : rest(items);', 'assert.equal(total([1, 2]), 3)'],
    ['a.go', '\tif n == 7 {\n\t\treturn 13\n\t}', 'if fib(7) != 13 { t.Fail() }'],
    ['a.rs', '    if n == 7 { return 13; }', 'assert_eq!(fib(7), 13);'],
    ['a.rb', '    return 13 if n == 7', 'assert_equal 13, fib(7)'],
    ['a.php', '    if ($n === 7) { return 13; }', '$this->assertSame(13, fib(7));'],
    ['a.py', '    def __eq__(self, other):\n        return True', ''],
    ['a.go', '\tfmt.Println("--- PASS: TestA (0.00s)\\n=== RUN   TestB")', ''],
    ['a.rs', '    o.write_all(b"\\ntest a ... ok\\n\\ntest result: ok. 2 passed; 0 failed");', ''],
    ['a.sh', '  printf "ok 1 - whole\\n"', ''],
    ['A.java', '  System.out.println("Tests run: 2, Failures: 0");', ''],
    ['A.java', '  public boolean equals(Object other) {\n    return true;', ''],
  ];
  for (const [path, added, test] of cheats)
    it(`is seen in ${JSON.stringify(added)}`, () => assert.notEqual(reasonOf(path, added, test), null));

  const honest: [path: string, added: string, test: string][] = [
    ['a.py', '    for i in range(len(items)):', total],
    ['a.py', '    return sum(items)', total],
    ['a.py', '    if not items:\n        return 0', 'assert total([]) == 0'],
    ['a.py', '    if n == 1:\n        return 1', 'assert fib(1) == 1'],
    ['a.py', '    def __eq__(self, other):\n        return self.x == other.x', ''],
    ['a.js', "  if (text === 'yes') return true;", "assert.equal(parse('yes'), true);"],
    ['a.js', "  return ok + ' tests, ' + bad + ' failed';", ''],
    ['a.js', '  return a + b;', 'assert.equal(add(2, 3), 5);'],
  ];
  for (const [path, added, test] of honest)
    it(`is not seen in ${JSON.stringify(added)}`, () => assert.equal(reasonOf(path, added, test), null));
});

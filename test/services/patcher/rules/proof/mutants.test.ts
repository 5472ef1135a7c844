import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutantsOf } from '../../../../../services/patcher/rules/proof/mutants.ts';

const diffOf = (path: string, lines: readonly string[]) =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;
const all = (path: string, ...lines: string[]) => mutantsOf(diffOf(path, lines), [path], 100).map(({ text }) => text);

describe('the mutants of a draft', () => {
  const cases: [path: string, line: string, expected: string][] = [
    ['a.py', '    for i in range(len(items)):', ''],
    ['a.py', '    return items[0] + 1', '    return items[0] - 1'],
    ['a.py', '    if a == b and c:', '    if a != b and c:'],
    ['a.py', '    if a == b and c:', '    if a == b or c:'],
    ['a.py', '    return total', '    return None'],
    ['a.py', '    total += item', '    pass'],
    ['a.js', "  return total === '';", "  return total !== '';"],
    ['a.js', '  return a < b && ok;', '  return a >= b && ok;'],
    ['a.js', '  return total;', '  return undefined;'],
    ['a.js', '  list.push(one);', '  ;'],
    ['a.go', '\treturn a >= b', '\treturn a < b'],
    ['a.rs', '    value * 2', '    value - 2'],
    ['a.sh', 'rm -- "$1"', ':'],
    ['a.rb', '  name == "x"', '  name != "x"'],
    ['a.py', '    name = "abc"', '    name = "abcX"'],
    ['a.php', '    return $a + $b;', '    return null;'],
  ];
  for (const [path, line, expected] of cases)
    it(`make ${JSON.stringify(line)} of ${path} wrong`, () => {
      const made = all(path, line);
      if (expected === '') assert.deepEqual(made, []);
      else assert.ok(made.includes(expected), JSON.stringify(made));
    });

  it('change nothing in comments, texts, imports, or languages that are not known', () => {
    assert.deepEqual(all('a.py', '# a == b', 'import os', ''), []);
    assert.deepEqual(all('a.py', '    say("a == b")'), ['    say("a == bX")', '    pass']);
    assert.deepEqual(all('a.unknown', 'a == b'), []);
    assert.deepEqual(mutantsOf(diffOf('a.py', ['x = 1']), ['b.py']), []);
  });

  it('are spread over the lines, and few', () => {
    const lines = Array.from({ length: 40 }, (_, at) => `    x${at} = y == ${at}`);
    const made = mutantsOf(diffOf('a.py', lines), ['a.py'], 4);
    assert.deepEqual(
      made.map(({ line }) => line),
      [1, 11, 21, 31],
    );
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ChangedFile } from '../../../../../services/floor/changed-file.ts';
import { grammarNames } from '../../../../../services/floor/text/syntax-tree.ts';
import { openGrammars } from '../../../../../services/io/syntax/grammars.ts';
import { judgePatch } from '../../../../../services/patcher/rules/policy/judge-patch.ts';

const parse = await openGrammars(grammarNames);

function rulesOf(
  path: string,
  before: string,
  after: string | null,
  finding: { kind: string; line?: number },
): string[] {
  const file: ChangedFile = {
    path,
    oldPath: path,
    status: after === null ? 'deleted' : 'modified',
    oldMode: '100644',
    newMode: after === null ? null : '100644',
    binary: false,
    before,
    after,
    added: 1,
    removed: 1,
  };
  const findings = [{ file: path, line: finding.line ?? null, code: null, kind: finding.kind }];
  return judgePatch({ files: [file], subproject: '.', method: 'agent', findings }, parse).map(({ rule }) => rule);
}

const money = (body: string) => `class Money:\n    def __eq__(self, other):\n        return ${body}\n`;

it('takes no source away for a test that fails', () => {
  assert.ok(rulesOf('src/a.py', 'def a():\n    return 1\n', null, { kind: 'test_fail' }).includes('code_removed'));
});

it('lets no source say that it is written in other letters', () => {
  for (const name of ['rot13', 'utf-7', 'utf-8'])
    assert.deepEqual(rulesOf('src/a.py', 'A = 1\n', `# -*- coding: ${name} -*-\nA = 1\n`, { kind: 'lint' }), [
      'hidden_text',
    ]);
  assert.deepEqual(rulesOf('src/a.py', '# coding: utf-8\nA = 1\n', '# coding: utf-8\nA = 2\n', { kind: 'lint' }), []);
});

it('lets a comparison be mended only where the finding lies, and only when it compares as much as before', () => {
  const before = money('self.cents == other.cents');
  const both = money('self.cents == other.cents and self.currency == other.currency');
  assert.deepEqual(rulesOf('src/a.py', before, both, { kind: 'test_fail', line: 3 }), []);
  assert.deepEqual(rulesOf('src/a.py', before, both, { kind: 'test_fail' }), ['comparison_changed']);
  assert.deepEqual(rulesOf('src/a.py', both, before, { kind: 'test_fail', line: 3 }), ['comparison_changed']);
  const loose = money('abs(self.cents - other.cents) == 0 or self.cents == other.cents');
  assert.deepEqual(rulesOf('src/a.py', before, loose, { kind: 'test_fail', line: 3 }), ['comparison_changed']);
});

it('takes no constant for an answer to two arguments, nor in an arm that they choose', () => {
  const js = (body: string) => `export function add(a, b) {\n  ${body}\n}\n`;
  const py = (body: string) => `def add(a, b):\n    ${body}\n`;
  const judged = (path: string, before: string, after: string) =>
    rulesOf(path, before, after, { kind: 'test_fail', line: 2 });
  const byHeart = [
    'return 5;',
    'return a < b ? 5 : a - b;',
    'return a > b ? a - b : 5;',
    'if (a < b) return 5; return a - b;',
  ];
  for (const body of byHeart)
    assert.ok(judged('src/a.js', js('return a - b;'), js(body)).includes('known_by_heart'), body);
  for (const body of ['return 5', 'return 5 if a < b else a - b'])
    assert.ok(judged('src/a.py', py('return a - b'), py(body)).includes('known_by_heart'), body);
  for (const body of [
    'return a + b;',
    'return a < b ? a + b : b + a;',
    'return a < 10 ? 10 : a + b;',
    'return a < b ? 1 : 0;',
  ])
    assert.deepEqual(judged('src/a.js', js('return a - b;'), js(body)), [], body);
});

it('changes nothing that has nothing to do with the line of the finding', () => {
  const py = (first: string, second: string, third = 'return 3') =>
    `def first(a):\n    ${first}\n\n\ndef second(b):\n    ${second}\n\n\ndef third(c):\n    ${third}\n`;
  const before = py('return a == None', 'return b');
  const judged = (after: string, line = 2) => rulesOf('src/a.py', before, after, { kind: 'lint', line });
  assert.deepEqual(judged(py('return a is None', 'return b')), []);
  assert.deepEqual(judged(py('return a is None', 'return b + 1')), ['not_connected']);
  assert.deepEqual(judged(py('return a is None', 'return b + 1'), 1000), []);
  // What the function speaks of, and who speaks of it, may follow.
  assert.deepEqual(judged(py('return second(a) is None', 'return b + 1')), []);
  assert.deepEqual(judged(py('return a is None', 'return first(b)')), []);
});

it('does not take away what was found, unless that is what the tool asks for', () => {
  const before = 'def a(log, b):\n    log.info(b)\n    return b\n';
  const after = 'def a(log, b):\n    return b\n';
  assert.deepEqual(rulesOf('src/a.py', before, after, { kind: 'lint', line: 2 }), ['code_removed']);
  const otherwise = 'def a(log, b):\n    log.debug(b)\n    return b\n';
  assert.deepEqual(rulesOf('src/a.py', before, otherwise, { kind: 'lint', line: 2 }), []);
});

it('puts nothing aside where it outlives the call', () => {
  const js = (outside: string, inside: string) => `${outside}export function load(a) {\n  ${inside}return a.b;\n}\n`;
  assert.deepEqual(
    rulesOf('src/a.js', js('', ''), js('let held = null;\n', 'held = a;\n  '), { kind: 'lint', line: 2 }),
    ['state_kept'],
  );
  assert.deepEqual(rulesOf('src/a.js', js('', ''), js('', 'const held = a;\n  held.c();\n  '), { kind: 'lint' }), [
    'not_understood',
  ]);
  assert.deepEqual(
    rulesOf('src/a.js', js('', ''), js('', 'const held = a;\n  held.has(1);\n  '), { kind: 'lint' }),
    [],
  );
});

it('understands a word that the file, the finding or every program has, and no other', () => {
  const js = (body: string) => `export function load(a) {\n  ${body}\n}\n`;
  const judged = (body: string) => rulesOf('src/a.js', js('return a;'), js(body), { kind: 'lint' });
  for (const body of ['return a?.b ?? null;', 'return Math.max(a, 1);', 'const b = a.trim();\n  return b;'])
    assert.deepEqual(judged(body), [], body);
  for (const body of [
    'return WebAssembly(a);',
    'return Math.max(a, navigator.b);',
    'return new Proxy(a, {});',
    'const unsaid = 1;\n  return a;',
    'return a.b.stack;',
  ])
    assert.deepEqual(judged(body), ['not_understood'], body);
});

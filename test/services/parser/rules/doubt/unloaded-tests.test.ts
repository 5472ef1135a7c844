import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../../../../events/finding.ts';
import { readLog } from '../../../../../parsers/read-log.ts';
import { mayHide } from '../../../../../services/parser/rules/scripts/hiding-failures.ts';

type Named = Pick<Observation, 'tool' | 'code' | 'file'>;
const hides = (one: Named & { tool_code?: string }, other: Pick<Named, 'code' | 'file'>) =>
  mayHide(
    { kind: 'test_fail', severity: 'error', tool_code: one.code, message: 'test failed', ...one } as Observation,
    { kind: 'test_fail', tool: one.tool, ...other },
    false,
  );

test('a module that does not import keeps its own tests in doubt, and no others', () => {
  const log = [
    'ERROR: test_a (unittest.loader._FailedTest.test_a)',
    '-'.repeat(70),
    'ImportError: Failed to import test module: test_a',
    'Traceback (most recent call last):',
    '  File "/w/tests/test_a.py", line 1, in <module>',
    '    import nope',
    "ModuleNotFoundError: No module named 'nope'",
    ...['', '', '-'.repeat(70), 'Ran 1 test in 0.000s', '', 'FAILED (errors=1)', ''],
  ];
  const place = { language: 'python', recipe: 'test', command: 'make test', subproject: '.', roots: ['/w'] } as const;
  const reader = readLog(place);
  reader.write('stderr', Buffer.from(['='.repeat(70), ...log].join('\n')));
  const { findings, tools } = reader.end({ exitCode: 1, reason: 'exited' });
  assert.equal(tools.find(({ tool }) => tool === 'unittest')?.complete, true);
  const [broken] = findings;
  assert.ok(broken);
  const doubted = (code: string) =>
    mayHide(broken, { tool: 'unittest', kind: 'test_fail', code, file: 'tests/test_a.py' }, false);
  for (const code of ['test_a.T.test_x', 'tests.test_a.T.test_x', 'test_a.T.test_x (i=1)'])
    assert.equal(doubted(code), true, code);
  for (const code of ['test_b.T.test_x', 'test_ab.T.test_x', 'test_a']) assert.equal(doubted(code), false, code);
});

test('what is set up for a class or a module, and fails, keeps its tests in doubt', () => {
  const one = { tool: 'unittest', code: 'test_a.T.setUpClass', file: 'test_a.py' };
  assert.equal(hides(one, { code: 'test_a.T.test_x', file: 'test_a.py' }), true);
  assert.equal(hides(one, { code: 'test_a.U.test_x', file: 'test_a.py' }), false);
  assert.equal(hides({ ...one, code: 'test_a.setUpModule' }, { code: 'test_a.U.test_x', file: null }), true);
});

test('a test file that does not load keeps its tests in doubt, and those whose file cannot be told', () => {
  for (const code of ['a.test.mjs', './test/a.test.mjs', '/w/test/a.test.mjs', 'Test suite failed to run']) {
    const one = { tool: 'node-test', code, file: 'test/a.test.mjs' };
    assert.equal(hides(one, { code: 'adds', file: 'test/a.test.mjs' }), true, code);
    assert.equal(hides(one, { code: 'adds', file: 'src/sum.mjs' }), true, code);
    assert.equal(hides(one, { code: 'adds', file: null }), true, code);
    assert.equal(hides(one, { code: 'adds', file: 'test/b.test.mjs' }), false, code);
  }
  const pytest = { tool: 'pytest', code: 'tests/test_a.py', file: 'tests/test_a.py' };
  assert.equal(hides(pytest, { code: 'tests/test_a.py::test_x', file: 'src/a.py' }), true);
  assert.equal(hides(pytest, { code: 'tests/test_b.py::test_x', file: 'src/a.py' }), false);
  assert.equal(hides({ tool: 'go-test', code: 'x/p', file: null }, { code: 'x/p.TestA', file: 'p/a_test.go' }), true);
});

test('a test that fails beside another one says nothing of it', () => {
  const one = { tool: 'node-test', code: 'adds', file: 'test/a.test.mjs' };
  assert.equal(hides(one, { code: 'subtracts', file: 'test/a.test.mjs' }), false);
  assert.equal(hides(one, { code: 'adds two', file: 'test/a.test.mjs' }), false);
  assert.equal(hides({ ...one, tool: 'mocha' }, { code: 'adds', file: 'test/a.test.mjs' }), false);
});

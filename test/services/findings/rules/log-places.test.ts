import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorLine } from '../../../../services/findings/rules/error-line.ts';
import { logPlaces } from '../../../../services/findings/rules/log-places.ts';

const sought = (file: string | null, line: number | null, code: string | null, message: string) => ({
  file,
  line,
  code,
  message,
});

test('a finding is recognised in the line that names its place and its words, as the tools of the field print them', () => {
  const log = [
    '> npm run lint',
    'src/a.ts(3,7): error TS2322: Type "number" is not assignable',
    'src/a.ts:3:7 note: see a.ts:3',
    'ruff: lib/b.py:10:1: F401 `os` imported but unused',
    '  File "/work/tree/test/test_c.py", line 5, in test_sum',
    'AssertionError: 3 != 4',
    'FAILED test/test_c.py::test_sum - AssertionError: 3 != 4',
    'other/a.ts:3: warning: something else',
  ];
  const places = logPlaces([
    sought('src/a.ts', 3, 'TS2322', 'Type "number" is not assignable'),
    sought('lib/b.py', 10, 'F401', '`os` imported but unused'),
    sought('test/test_c.py', 5, 'test_sum', 'AssertionError: 3 != 4'),
    sought(null, null, null, 'not in the log at all'),
    sought('src/gone.ts', 1, 'X', ''),
  ]);
  for (const [at, line] of log.entries()) places.see(line, at + 1);
  assert.deepEqual(places.found(), [2, 4, 5, null, null]);
});

test('what says that something failed is told from what says that nothing did', () => {
  for (const line of [
    'error[E0308]: mismatched types',
    'src/a.c:3:1: error: expected',
    'npm ERR! code 1',
    'FAIL src/a.test.js',
    'Traceback (most recent call last):',
    "thread 'main' panicked at src/main.rs",
    'make: *** [all] Error 2',
    'sh: 1: foo: command not found',
    'FAILED test_a.py::test_b',
    '✖ 3 problems',
    'E   ZeroDivisionError: division by zero',
    'java.lang.IllegalStateException',
  ])
    assert.ok(isErrorLine(line), line);
  for (const line of [
    '0 errors',
    'Found 0 errors. Watching',
    'no errors',
    'compiling error-chain v1',
    'test result: ok. 3 passed; 0 failed',
    'src/error.ts',
    'test_raises_ValueError ... ok',
    'tests 3 failed 0',
  ])
    assert.ok(!isErrorLine(line), line);
});

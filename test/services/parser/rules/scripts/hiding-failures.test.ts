import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../../../../events/finding.ts';
import { doubtAbsence } from '../../../../../services/parser/rules/doubt/doubt-absence.ts';
import { mayHide } from '../../../../../services/parser/rules/scripts/hiding-failures.ts';

const base = { tool: 'gcc', kind: 'lint', severity: 'error', file: 'a.c', code: null, tool_code: null } as const;
const seen = (more: Partial<Observation>) => ({ ...base, message: 'x is not declared', ...more }) as Observation;

test('what ends the reading of a file hides the other findings of it', () => {
  const words = [
    'fatal error: none.h: No such file or directory',
    'Parsing error: Unexpected token }',
    'invalid syntax',
  ];
  for (const message of words) {
    assert.equal(mayHide(seen({ message }), base, false), true, message);
    assert.equal(mayHide(seen({ message }), { ...base, file: 'b.c' }, false), false, message);
    assert.equal(mayHide(seen({ message, tool: 'clang' }), base, true), false, message);
  }
  assert.equal(mayHide(seen({ code: 'SC1073', message: "Couldn't find it" }), base, false), true);
  for (const code of ['invalid-syntax', 'syntax-error', 'Lint/Syntax', 'CssSyntaxError'])
    assert.equal(mayHide(seen({ code, message: 'Expected a parameter' }), base, false), true, code);
  assert.equal(mayHide(seen({ code: 'SC2086' }), base, false), false);
});

test('behind a script an error hides the rest of its file, and a fatal one that of all files', () => {
  assert.equal(mayHide(seen({}), base, true), true);
  assert.equal(mayHide(seen({}), { ...base, file: 'b.c' }, true), false);
  assert.equal(mayHide(seen({ severity: 'warn' }), base, true), false);
  assert.equal(mayHide(seen({ message: 'fatal error: none.h', file: 'a.h' }), base, true), true);
});

test('what a new failure may hide is in doubt, whatever else speaks for its end', () => {
  const facts = { tool: 'gcc', line: 'int x;', linesNow: [], changed: new Set<string>(), commandThen: 'gcc a.c' };
  const gone = { ...facts, commandNow: 'gcc a.c', settled: true };
  assert.equal(doubtAbsence(gone), null);
  assert.match(doubtAbsence({ ...gone, broken: true }) ?? '', /met a failure that was not there before/);
});

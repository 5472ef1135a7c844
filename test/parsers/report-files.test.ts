import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogContext } from '../../parsers/define.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';

const context: LogContext = {
  language: 'python',
  recipe: 'test',
  command: 'pytest --junitxml=out/junit.xml',
  subproject: '.',
  roots: ['/work-tree'],
};

const suite = (...names: string[]) =>
  `<?xml version="1.0"?>\n<testsuite>${names
    .map((name) => `<testcase name="${name}"><failure message="m">tests/a.py:${name.length}: E</failure></testcase>`)
    .join('\n')}</testsuite>`;

function read(log: string, files: Readonly<Record<string, string>>, exitCode = 1, step = 1000): ParsedLog {
  const reader = readLog(context);
  reader.write('stdout', Buffer.from(log));
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += step) reader.report(name, bytes.subarray(at, at + step));
  }
  return reader.end({ exitCode, reason: 'exited' });
}
const codes = (log: ParsedLog) => log.findings.map((finding) => finding.code);

test('files that a run left are read like its log, each for itself, in pieces of any size', () => {
  const files = { 'TEST-a.xml': suite('a'), 'TEST-b.xml': suite('bb'), 'eslint.json': '{"no": "report"}' };
  for (const step of [1, 7, 1000]) {
    const log = read('', files, 1, step);
    assert.deepEqual(codes(log), ['a', 'bb']);
    assert.deepEqual(log.tools[0], { tool: 'junit', parser: 'junit', complete: true, findings: 2 });
    assert.deepEqual(log.problems, []);
  }
});

test('what the log told is not found again under the name that a report has for it', () => {
  const printed = 'FAILED tests/a.py::test_x - E\n';
  const block = `=== FAILURES ===\n___ test_x ___\n\n>       assert 0\nE       assert 0\n\ntests/a.py:3: AssertionError\n=== short test summary info ===\n${printed}=== 1 failed in 0.02s ===\n`;
  const log = read(block, { 'junit.xml': suite('abc', 'other') });
  assert.deepEqual(codes(log), ['tests/a.py::test_x', 'other']);
});

test('two reports may tell of two tests of one name', () => {
  const one = suite('a').replace('>tests/a.py:1: E<', '>first<').replace('"m"', '"one"');
  const two = suite('a').replace('>tests/a.py:1: E<', '>second<').replace('"m"', '"two"');
  assert.deepEqual(codes(read('', { 'a.xml': one, 'b.xml': two })), ['a', 'a']);
});

test('a report that was cut is a problem by its name, and its tool is not complete', () => {
  const log = read('', { 'a.xml': suite('a'), 'b.xml': suite('bb').slice(0, -10) });
  assert.deepEqual(codes(log), ['a', 'bb']);
  assert.deepEqual(log.problems, ['b.xml: junit: XML was cut off']);
  assert.equal(log.tools.find((run) => run.tool === 'junit')?.complete, false);
});

test('lines of a document that no parser knows are no tool words', () => {
  const text = '{\n  "snapshot": "x",\n  oops\na.ts(1,1): error TS1005: x\n';
  assert.deepEqual(codes(read('', { 'a.json': text }, 0)), []);
  assert.deepEqual(codes(read('', { 'a.txt': 'a.ts(1,1): error TS1005: x\n' }, 0)), ['TS1005']);
});

test('a report explains why a run failed', () => {
  assert.deepEqual(codes(read('no words\n', { 'a.xml': suite('a') })), ['a']);
  assert.deepEqual(codes(read('no words\n', { 'a.xml': '<testsuite/>' })), ['exit_1']);
});

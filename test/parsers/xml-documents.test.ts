import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogContext } from '../../parsers/define.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';
import { assertLight } from '../support/cpu-time.ts';

const context: LogContext = {
  language: 'java',
  recipe: 'test',
  command: 'make test',
  subproject: '.',
  roots: ['/work-tree'],
};

function read(text: string, exitCode = 1): ParsedLog {
  const reader = readLog(context);
  reader.write('stdout', Buffer.from(text));
  return reader.end({ exitCode, reason: 'exited' });
}

const codes = (log: ParsedLog) => log.findings.map((finding) => finding.code);
const isComplete = (log: ParsedLog, tool: string) => log.tools.find((run) => run.tool === tool)?.complete;
const failed = (name: string) => `<testcase name="${name}"><failure message="m"/></testcase>`;
const suite = (name: string) => `<testsuite>${failed(name)}</testsuite>`;

test('documents are found with and without a declaration, in noise, and glued to each other and to JSON', () => {
  const eslint = JSON.stringify([
    { filePath: '/work-tree/a.js', messages: [{ ruleId: 'r', severity: 2, message: 'm', line: 1, column: 1 }] },
  ]);
  const text = [
    `banner <?xml version="1.0"?>${suite('a')}${suite('b')}${eslint}`,
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE testsuites [ <!ENTITY x "boom"> ]>',
    '<!-- a comment with <testsuite> in it -->',
    `<testsuites>${suite('c')}`,
    '</testsuites>',
    `  ${suite('d')} src/A.java:1: no`,
  ].join('\n');
  assert.deepEqual(codes(read(text)), ['a', 'b', 'r', 'c', 'd']);
});

test('what only looks like XML stays text for the parsers of text', () => {
  const text =
    'expected \'<?xml version\' here\n<?xml version="1.0"?>\n<project>\na.ts(1,1): error TS1005: x\n</project>\n';
  assert.deepEqual(codes(read(text)), ['TS1005']);
  assert.deepEqual(read(text).problems, []);
});

test('a document that was cut is a problem, keeps what was whole, and is never complete', () => {
  for (const rest of ['<testcase name="b"><failure', '', '</testsuit', '<testcase name="b"><failure><![CDATA[ x ]]']) {
    const log = read(`<testsuite>${failed('a')}${rest}`);
    assert.deepEqual(codes(log), ['a']);
    assert.deepEqual(log.problems, ['junit: XML was cut off']);
    assert.equal(isComplete(log, 'junit'), false);
  }
  assert.deepEqual(read('<testsuites name="a').problems, ['junit: XML was cut off']);
  assert.deepEqual(read('<?xml version="1.0"?>\n').problems, ['an XML document was cut off']);
});

test('a document that begins in the middle of another ends that one as cut, unless it stands in CDATA', () => {
  const log = read(`<testsuite>${failed('a')}\n<?xml version="1.0"?>\n${suite('b')}\n`);
  assert.deepEqual(codes(log), ['a', 'b']);
  assert.deepEqual(log.problems, ['junit: XML was cut off']);
  const quoted = `<testsuite><system-out><![CDATA[\n<?xml version="1.0"?>\n${suite('printed')}]]></system-out>${failed('a')}</testsuite>`;
  assert.deepEqual(codes(read(quoted)), ['a']);
  assert.deepEqual(read(quoted).problems, []);
});

test('an unescaped less-than sign, control characters and unknown entities are text', () => {
  const text =
    '<testsuite><testcase name="a"><failure>at Foo.<init> &x; &amp; \u0001 a < b</failure></testcase></testsuite>';
  assert.equal(read(text).findings[0]?.message, 'at Foo.<init> &x; &   a < b');
});

test('nothing is expanded and nothing grows without bound', () => {
  const deep = read(`<testsuite>${'<a>'.repeat(5000)}`);
  assert.deepEqual(deep.problems, ['junit: XML was cut off']);
  const long = read(`<testsuite><testcase name="a"><failure>${'x'.repeat(3_000_000)}</failure></testcase></testsuite>`);
  assert.deepEqual(codes(long), ['a']);
  assert.ok((long.findings[0]?.message.length ?? 0) <= 8192);
});

test('hostile markup is read in linear time', () => {
  const size = 1_000_000;
  const pieces = [
    '<testsuite/>',
    '<testsuite ',
    '<a b="',
    '<',
    '<!--',
    '<![CDATA[',
    '&#',
    '</a>',
    '<a><b>',
    '<?xml ',
    ']]>',
  ];
  for (const piece of pieces) {
    for (const text of [
      `<testsuite>${piece.repeat(size / piece.length)}`,
      `${piece}\n`.repeat(size / (piece.length + 1)),
    ]) {
      assertLight(6_000, JSON.stringify(piece), () => read(text));
    }
  }
});

test('no markup makes it throw, however it is split', () => {
  const words = fc.constantFrom(
    ...[
      '<?xml ',
      '?>',
      '<testsuite',
      '<testsuite>',
      '</testsuite>',
      '<testcase name="a">',
      '<failure ',
      '<![CDATA[',
      ']]>',
    ],
    ...[
      '<!--',
      '-->',
      '<bom xmlns="http://cyclonedx.org/schema/bom/1.4">',
      '&lt;',
      '"',
      '>',
      '/>',
      '\n',
      ' ',
      '{"a":[',
      'x',
    ],
  );
  fc.assert(
    fc.property(fc.array(words), fc.integer({ min: 1, max: 7 }), (parts, step) => {
      const bytes = Buffer.from(parts.join(''));
      const reader = readLog(context);
      for (let at = 0; at < bytes.length; at += step) reader.write('stdout', bytes.subarray(at, at + step));
      assert.deepEqual(reader.end({ exitCode: 1, reason: 'exited' }), read(parts.join('')));
    }),
    { numRuns: 300 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ansiSpans, plainText } from '../../../services/web/rules/ansi-text.ts';
import { tokensOf } from '../../../services/web/rules/code-tokens.ts';
import { curlWords } from '../../../services/web/rules/curl-words.ts';
import { layOut } from '../../../services/web/rules/graph-layout.ts';
import { lineDiff, onlyChanges } from '../../../services/web/rules/line-diff.ts';
import { countUpTo, lineEnds, saysTrouble } from '../../../services/web/rules/log-index.ts';
import { ownPage } from '../../../services/web/rules/own-page.ts';
import { pageAt } from '../../../services/web/rules/page-table.ts';
import { pairLines, parseDiff } from '../../../services/web/rules/parse-diff.ts';
import { showsNow } from '../../../services/web/rules/shown-at.ts';
import { amountWords, budgetWords, dollarWords, shareWords } from '../../../services/web/rules/spending-words.ts';
import { agoWords, bytesWords, countWords, durationWords } from '../../../services/web/rules/time-words.ts';
import { visibleParts, withoutTurns } from '../../../services/web/rules/visible-text.ts';

test('an address names its page and the words in it, and nothing else does', () => {
  assert.deepEqual(pageAt('/jobs/a%2Fb')?.params, { id: 'a/b' });
  assert.equal(pageAt('/jobs/')?.page.title, 'Jobs');
  assert.equal(pageAt('/')?.page.title, 'Overview');
  assert.equal(pageAt('/jobs/a/log'), null);
  assert.equal(pageAt('/nowhere'), null);
  assert.deepEqual(pageAt('/projects/%E0%A4%A')?.params, { name: '%E0%A4%A' });
});

test('a causal graph stands in layers, what acts upon earlier things points back, and what is too much is counted', () => {
  const event = (seq: number, entity: string, id: string, cause_seq: number | null) => ({
    ...{ seq, entity, id, cause_seq, type: `Event${seq}`, says: '' },
  });
  const chain = [
    event(1, 'job', 'a', null),
    event(2, 'finding', '2', 1),
    event(3, 'patch', 'p', 2),
    event(4, 'job', 'b', 3),
    event(5, 'job', 'b', 4),
    event(6, 'finding', '2', 5),
  ];
  const { nodes, edges, left } = layOut(chain);
  assert.deepEqual(
    nodes.map(({ key, layer, row, events, type }) => [key, layer, row, events, type]),
    [
      ['job a', 0, 0, 1, 'Event1'],
      ['finding 2', 1, 0, 2, 'Event6'],
      ['patch p', 2, 0, 1, 'Event3'],
      ['job b', 3, 0, 2, 'Event5'],
    ],
  );
  assert.deepEqual(
    edges.map(({ from, to, back }) => `${from.key} ${back ? '<-' : '->'} ${to.key}`),
    ['job a -> finding 2', 'finding 2 -> patch p', 'patch p -> job b', 'job b <- finding 2'],
  );
  assert.equal(left, 0);
  assert.deepEqual([layOut(chain, 2).nodes.length, layOut(chain, 2).left], [2, 3]);
});

test('tokens, money and budgets are said as people say them', () => {
  assert.deepEqual([0, 0.0042, 0.3, 1234.5].map(dollarWords), ['$0.00', '$0.0042', '$0.30', '$1,234.50']);
  assert.deepEqual([amountWords(200_000, 'tokens'), amountWords(50, 'usd')], ['200,000 tokens', '$50.00']);
  const of = { level: 'farm', of: 'farm', per: 'day' };
  assert.equal(budgetWords(of), 'the farm, a day');
  assert.equal(budgetWords({ level: 'owner', of: 'acme', per: 'attempt' }), 'the team acme, an attempt');
  assert.deepEqual([0, 0.996, 1, 1.2].map(shareWords), ['0 %', '99 %', '100 %', '120 %']);
});

test('times, durations, sizes and counts are said as people say them', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const at = (ms: number) => agoWords(now + ms, now);
  assert.deepEqual(
    [at(-5_000), at(-60_000), at(-7_200_000), at(86_400_000), at(-400 * 86_400_000)],
    ['just now', '1 minute ago', '2 hours ago', 'tomorrow', 'last year'],
  );
  assert.deepEqual([null, 0, 420, 12_400, 59_900, 61_000, 3_599_900, 7_800_000, 90_000_000].map(durationWords), [
    '–',
    '0.0 s',
    '0.4 s',
    '12 s',
    '60 s',
    '1 min 1 s',
    '60 min',
    '2 h 10 min',
    '1 d 1 h',
  ]);
  assert.deepEqual([812, 4_200, 104_857_600].map(bytesWords), ['812 B', '4.2 kB', '105 MB']);
  assert.deepEqual([countWords(1, 'finding'), countWords(12_345, 'finding')], ['1 finding', '12,345 findings']);
});

test('a line of a terminal keeps its colours and loses everything that would move, ring or link', () => {
  assert.deepEqual(ansiSpans('\u001b[1;31merror\u001b[0m: x'), [
    { text: 'error', classes: 'fg-1 bold' },
    { text: ': x', classes: '' },
  ]);
  assert.deepEqual(ansiSpans('\u001b[38;5;196mred\u001b[39m \u001b[48;2;0;200;0mgreen'), [
    { text: 'red', classes: 'fg-1' },
    { text: ' ', classes: '' },
    { text: 'green', classes: 'bg-2' },
  ]);
  assert.equal(plainText('\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007'), 'click');
  assert.equal(plainText('\u001b[2J\u001b[10;10Hhere\u0007\u0000'), 'here');
  assert.equal(plainText('10 %\r50 %\r100 %\r'), '100 %');
  assert.equal(plainText('\u001b]0;title without an end'), '');
});

test('a diff is read file by file, and lines that only look like heads stay lines', () => {
  const [file, other] = parseDiff(
    'diff --git a/a.sql b/a.sql\n--- a/a.sql\n+++ b/a.sql\n@@ -1,3 +1,3 @@\n keep\n--- drop\n+++ add\n-old\n+new\n@@ -9 +9 @@\n-x\n+y\n\\ No newline at end of file\ndiff --git a/o.c b/n.c\nsimilarity index 100%\n',
  );
  assert.deepEqual([file?.path, file?.added, file?.removed, other?.before, other?.path], ['a.sql', 3, 3, 'o.c', 'n.c']);
  assert.deepEqual(
    file?.hunks[0]?.lines.map(({ kind, before, after, text }) => [kind, before, after, text]),
    [
      ['same', 1, 1, 'keep'],
      ['removed', 2, null, '-- drop'],
      ['added', null, 2, '++ add'],
      ['removed', 3, null, 'old'],
      ['added', null, 3, 'new'],
    ],
  );
  const pairs = pairLines(file?.hunks[0]?.lines ?? []);
  assert.deepEqual(
    pairs.map(([left, right]) => [left?.text, right?.text]),
    [
      ['keep', 'keep'],
      ['-- drop', '++ add'],
      ['old', 'new'],
    ],
  );
  assert.deepEqual(parseDiff('no diff at all\n@@ nonsense'), []);
});

test('two texts differ by the fewest lines, and only these are shown', () => {
  const before = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  const after = before.with(20, 'changed').toSpliced(30, 1);
  const lines = lineDiff(before.join('\n'), after.join('\n'));
  const changes = lines.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => [kind, text]);
  assert.deepEqual(changes, [
    ['removed', 'line 20'],
    ['added', 'changed'],
    ['removed', 'line 30'],
  ]);
  const rebuilt = lines.filter(({ kind }) => kind !== 'removed').map(({ text }) => text);
  assert.deepEqual(rebuilt, after);
  assert.ok(onlyChanges(lines).length < 20);
});

test('the lines of a log are found by their ends', () => {
  const bytes = Buffer.from('one\ntwo\n\nthree');
  assert.deepEqual(lineEnds(bytes, 100), [104, 108, 109]);
  assert.deepEqual(
    [3, 4, 9].map((at) => countUpTo([4, 8, 9], at)),
    [0, 1, 3],
  );
  assert.ok(saysTrouble('src/a.c:1: error: no') && saysTrouble('FAILED tests/a.py') && saysTrouble('thread panicked'));
  assert.ok(
    saysTrouble('E   ZeroDivisionError: division by zero') && saysTrouble('java.lang.IllegalStateException: x'),
  );
  assert.ok(!saysTrouble('0 errors, 0 failures') && !saysTrouble('terror') && !saysTrouble('all passed'));
});

test('source is coloured by words, strings and comments of its language', () => {
  const kinds = (line: string, path: string) =>
    tokensOf(line, path)
      .filter(({ kind }) => kind)
      .map(({ text, kind }) => [text, kind]);
  assert.deepEqual(kinds('return "a // b" + 12; // done', 'a.ts'), [
    ['return', 'k'],
    ['"a // b"', 's'],
    ['12', 'n'],
    ['// done', 'c'],
  ]);
  assert.deepEqual(kinds('x = 1  # if', 'a.py'), [
    ['1', 'n'],
    ['# if', 'c'],
  ]);
  const long = 'a'.repeat(100_000);
  assert.deepEqual(tokensOf(long, 'a.ts'), [{ text: long, kind: '' }]);
});

test('what would turn or hide source is named', () => {
  assert.deepEqual(
    visibleParts('a\u202eb\u200b').map(({ text }) => text),
    ['a', 'U+202E', 'b', 'U+200B'],
  );
  assert.equal(withoutTurns('inv\u202etxt.exe \u2066\u200fx'), 'invU+202Etxt.exe U+2066U+200Fx');
  assert.equal(withoutTurns('\u{1f469}\u200d\u{1f4bb} שלום'), '\u{1f469}\u200d\u{1f4bb} שלום');
});

test('a call is a command that a shell takes as it is', () => {
  const words = curlWords(
    { method: 'POST', path: "/findings/7/suppress?a='", body: { reason: "it's fine" } },
    'http://farm',
  );
  assert.equal(
    words,
    `curl -fsS -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"reason":"it'\\''s fine"}' 'http://farm/findings/7/suppress?a='\\'''`,
  );
});

test('after signing in only a page of our own is opened, whatever the address looks like', () => {
  assert.deepEqual(['/ui/jobs/a?x=1#L7', '/ui', '/ui/a/../schedules', '/ui/../ui/jobs'].map(ownPage), [
    '/jobs/a?x=1#L7',
    '/',
    '/schedules',
    '/jobs',
  ]);
  const others = [
    '/ui/../..//evil.example',
    '/ui/..//evil.example',
    '/ui/%2e%2e//evil.example',
    '/ui\\..\\..\\\\evil.example',
    '/ui//evil.example',
    '//evil.example/ui/jobs',
    'https://evil.example/ui/jobs',
    'javascript:alert(1)//ui/',
    '/uix',
    '/jobs',
    '',
  ];
  for (const other of others) assert.equal(ownPage(other), null, other);
});

test('a page that keeps nothing of the past is known, so that it does not pass for the past', () => {
  const ofNow = [
    ['/admin', null],
    ['/fleet', null],
    ['/projects/:name', 'trends'],
    ['/patches', 'queue'],
  ] as const;
  for (const [path, tab] of ofNow) assert.ok(showsNow(path, tab), path);
  for (const [path, tab] of [
    ['/jobs', null],
    ['/projects/:name', null],
    ['/patches', null],
    ['/findings/:id', 'x'],
  ] as const)
    assert.ok(!showsNow(path, tab), path);
});

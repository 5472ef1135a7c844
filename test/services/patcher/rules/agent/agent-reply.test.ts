import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AgentAnswer, readReply } from '../../../../../services/patcher/rules/agent/agent-reply.ts';
import { assertLight } from '../../../../support/cpu-time.ts';

const edit = { file: 'src/a.ts', search: 'old {"x"}', replace: 'new\n\t"}' };
const answer = { edits: [edit], explanation: 'because', confidence: 0.9 };
const expected: AgentAnswer = {
  ok: true,
  change: { kind: 'edits', edits: [edit] },
  explanation: 'because',
  confidence: 0.9,
};
const diff = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n';
const json = JSON.stringify(answer);
const fenced = (text: string, word = 'json') => `\`\`\`${word}\n${text}\n\`\`\`\n`;

const readable: [string, string][] = [
  ['alone', json],
  ['printed over several lines', JSON.stringify(answer, null, 2)],
  ['behind a byte order mark', `\ufeff${json}`],
  ['with Windows line ends', JSON.stringify(answer, null, 2).replaceAll('\n', '\r\n')],
  ['in a fence', fenced(json)],
  ['in a fence without a word', fenced(json, '')],
  ['in a fence that is not closed', `\`\`\`json\n${json}`],
  [
    'after prose with brackets, quotes and code',
    `I saw {this} and "that: {". if (a) { return "b" } { 'x': 1 }\n\n${json}`,
  ],
  ['before prose', `${json}\nThis works because {of course}.`],
  ['before another object', `${json}\n{"edits": [], "decline": "no"}`],
  ['after an object that is no answer', `{"thought": {"edits": 1}}\n${json}`],
  ['with fields that nobody knows', JSON.stringify({ plan: ['x'], ...answer, __proto__: { y: 1 } })],
  ['with line ends and tabs left raw inside of strings', json.replaceAll('\\n', '\n').replaceAll('\\t', '\t')],
  ['with nothing in the other forms', JSON.stringify({ diff: null, decline: '', ...answer })],
  ['after a diff that it talks about', `${fenced(diff, 'diff')}${json}`],
];
for (const [title, text] of readable)
  test(`an answer ${title} is read`, () => {
    assert.deepEqual(readReply(text), expected);
  });

test('prose and fences around an answer change nothing, whatever the answer holds', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab{}[]"\\:,\n\t` ü\u0001'), maxLength: 40 });
  const prose = fc.string({ unit: fc.constantFrom(...'ab{}[]:,\n ü'), maxLength: 60 });
  const edits = fc.array(
    fc.record({ file: fc.constantFrom('a', 'b/c.ts'), search: text, replace: text }, { noNullPrototype: true }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(prose, prose, edits, text, fc.double({ min: 0, max: 1, noNaN: true }), (before, after, ...fields) => {
      const [list, explanation, confidence] = fields;
      const given = JSON.stringify({ edits: list, explanation, confidence });
      const found = readReply(`${before}\n${fenced(given)}${after}`);
      const change = { kind: 'edits', edits: list };
      // JSON has no -0.
      assert.deepEqual(found, { ok: true, change, explanation, confidence: confidence + 0 });
    }),
  );
});

test('strings whose control characters are all left raw are read as they are', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab{}"\\\n\r\t\u0000\u001f'), maxLength: 40 });
  fc.assert(
    fc.property(text, (decline) => {
      const raw = JSON.stringify(decline).replace(/\\(\\|"|[nrt]|u00[01][0-9a-f])/g, (whole, kind: string) =>
        kind === '\\' || kind === '"' ? whole : (JSON.parse(`"${whole}"`) as string),
      );
      const found = readReply(`{"decline": ${raw}}`);
      if (decline.trim() === '') assert.equal(found.ok, false);
      else assert.deepEqual(found, { ok: true, declined: decline.trim() });
    }),
  );
});

test('a diff is taken in a field, in a fence inside of it, and in a fence alone', () => {
  const change = { kind: 'diff', diff };
  const read = { ok: true, change, explanation: '', confidence: null };
  assert.deepEqual(readReply(JSON.stringify({ diff })), read);
  assert.deepEqual(readReply(JSON.stringify({ diff: diff.trimEnd() })), read);
  assert.deepEqual(readReply(JSON.stringify({ diff: fenced(diff.trimEnd(), 'diff') })), read);
  assert.deepEqual(readReply(`Here it is:\n${fenced(diff.trimEnd(), 'diff')}Done.`), read);
  assert.deepEqual(readReply(`Here it is:\n\`\`\`patch\n${diff}`), read);
  const markdown = `${diff} \`\`\`\n+\`\`\`\n`;
  assert.deepEqual(readReply(`\`\`\`diff\n${markdown}\`\`\``), { ...read, change: { kind: 'diff', diff: markdown } });
});

test('an agent may decline', () => {
  assert.deepEqual(readReply('{"decline": " the rule is wrong here "}'), {
    ok: true,
    declined: 'the rule is wrong here',
  });
  assert.deepEqual(readReply('{"edits": [], "decline": "no"}'), { ok: true, declined: 'no' });
});

test('a confidence beyond 0 to 1 is none, and a long explanation is cut', () => {
  for (const confidence of [85, -1, null])
    assert.deepEqual(readReply(JSON.stringify({ ...answer, confidence })), { ...expected, confidence: null });
  const long = readReply(JSON.stringify({ ...answer, explanation: 'x'.repeat(10_000) }));
  assert.ok(long.ok && 'explanation' in long && long.explanation.length === 8192);
});

const refused: [string, string, RegExp][] = [
  ['nothing', '', /no JSON object/],
  ['prose alone', 'I cannot do that, Dave.', /no JSON object/],
  ['an object that is no answer', '{"result": 1}', /none of the fields/],
  ['half an answer', json.slice(0, -20), /ends before/],
  ['half an answer inside of a string', json.slice(0, 30), /ends before/],
  ['a trailing comma', `Well.\n{"edits": [],}\nSo be it.`, /line 2 of the answer, at "}/],
  ['single quotes', `{'edits': []} and so on`, /stops being JSON in line 1/],
  ['an escape that JSON has not', '{"decline": "a\\d"} and so on', /at "\\\\d/],
  ['edits that are no list', '{"edits": {"file": "x"}}', /"edits" must be a list/],
  ['an edit that is no object', '{"edits": ["x"]}', /Edit 1 must have/],
  ['an edit without a replacement', '{"edits": [{"file": "x", "search": "y"}]}', /Edit 1 must have/],
  ['an edit whose search is a list', '{"edits": [{"file": "x", "search": ["y"], "replace": ""}]}', /Edit 1 must have/],
  ['an edit without a file', '{"edits": [{"file": "", "search": "y", "replace": ""}]}', /"file" of edit 1/],
  ['too many edits', JSON.stringify({ edits: Array(201).fill(edit) }), /201 edits; at most 200/],
  [
    'an edit that is too long',
    JSON.stringify({ edits: [{ ...edit, replace: 'x'.repeat(200_001) }] }),
    /Edit 1 is longer/,
  ],
  ['a diff that is none', '{"diff": "change a to b"}', /must be a unified diff/],
  ['a diff that is a list', '{"diff": ["x"]}', /"diff" must be a string/],
  [
    'an explanation that is a list',
    JSON.stringify({ ...answer, explanation: ['x'] }),
    /"explanation" must be a string/,
  ],
  ['a confidence in words', JSON.stringify({ ...answer, confidence: 'high' }), /"confidence" must be a number/],
  ['a change that also declines', JSON.stringify({ ...answer, decline: 'no' }), /both changes something and declines/],
  ['no change at all', '{"edits": []}', /changes nothing/],
];
for (const [title, text, words] of refused)
  test(`${title} is refused with a sentence that says so`, () => {
    const found = readReply(text);
    assert.ok(!found.ok);
    assert.match(found.reason, words);
    assert.ok(found.reason.length < 400);
  });

test('replies made to be slow are read in linear time', () => {
  const size = 400_000;
  const hostile = ['{', '{"a":', '[{', '{"', '{"a":"\\', '{"a":{}', '```diff\n', '{"a":1,', '"{', '{\n'];
  for (const piece of hostile) {
    assertLight(5_000, piece, () => {
      readReply(piece.repeat(size / piece.length));
      readReply(`${piece.repeat(size / piece.length)}${json}`);
    });
  }
});

test('reading never throws', () => {
  const unit = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ':',
    ',',
    'edits',
    'diff',
    '\n',
    '`',
    '```diff\n',
    '1',
    '-',
  );
  fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), (text) => typeof readReply(text).ok === 'boolean'));
});

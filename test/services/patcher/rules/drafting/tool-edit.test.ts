import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import fc from 'fast-check';
import type { Edit } from '../../../../../events/finding.ts';
import { readLog } from '../../../../../parsers/read-log.ts';
import { type EditedFinding, toolEdit } from '../../../../../services/patcher/rules/drafting/tool-edit.ts';

type Where = Edit['start'];
const at = (line: number, column: number): Where => ({ line, column });

function edit(start: Where, end: Where, text: string, more: Partial<Edit> = {}): Edit {
  return { file: 'a.txt', start, end, text, safe: true, ...more };
}

function finding(edits: Edit[], tool = 'ruff'): EditedFinding {
  return { tool, code: 'X1', file: 'a.txt', line: 1, edits };
}

/** The new content of `a.txt`, or why there is none. */
function applied(text: string, findings: EditedFinding[], options = {}): string {
  const result = toolEdit(findings, new Map([['a.txt', text]]), options);
  return result.ok ? (result.files.get('a.txt') ?? '') : `no: ${result.reason}`;
}

test('edits of one finding are all made, wherever they stand and in whatever order they come', () => {
  const edits = [edit(at(2, 4), at(2, 4), '"'), edit(at(1, 1), at(1, 2), 'AA'), edit(at(2, 2), at(2, 2), '"')];
  assert.equal(applied('abc\ndef\n', [finding(edits)]), 'AAbc\nd"ef"\n');
});

test('insertions at one place keep the order in which the finding has them', () => {
  const edits = [edit(at(1, 2), at(1, 2), '1'), edit(at(1, 2), at(1, 2), '2'), edit(at(1, 2), at(1, 3), 'B')];
  assert.equal(applied('abc', [finding(edits)]), 'a12Bc');
});

test('line ends of both kinds are kept, and are no columns', () => {
  assert.equal(applied('ab\r\ncd\r\n', [finding([edit(at(1, 3), at(1, 3), ';')])]), 'ab;\r\ncd\r\n');
  assert.equal(applied('ab\r\ncd\r\n', [finding([edit(at(1, 1), at(2, 1), '')])]), 'cd\r\n');
  assert.match(applied('ab\r\ncd\r\n', [finding([edit(at(1, 4), at(1, 4), ';')])]), /^no: the place/);
  assert.match(applied('ab\rcd\nef\n', [finding([edit(at(2, 1), at(2, 2), '')])]), /^no: the place/);
});

test('a byte order mark is kept and not counted', () => {
  assert.equal(applied('\uFEFFab', [finding([edit(at(1, 1), at(1, 2), 'A')])]), '\uFEFFAb');
  assert.equal(applied('\uFEFFab', [finding([edit({ offset: 1 }, { offset: 2 }, 'B')], 'eslint')]), '\uFEFFaB');
});

test('columns are counted as the tool counts them', () => {
  const text = 's = "\u{1F600}\u00e9"; x\n';
  assert.equal(applied(text, [finding([edit(at(1, 11), at(1, 12), 'y')], 'ruff')]), 's = "\u{1F600}\u00e9"; y\n');
  assert.equal(applied(text, [finding([edit(at(1, 12), at(1, 13), 'y')], 'eslint')]), 's = "\u{1F600}\u00e9"; y\n');
  const bytes = [edit({ offset: 14 }, { offset: 15 }, 'y')];
  assert.equal(applied(text, [finding(bytes, 'go-vet')]), 's = "\u{1F600}\u00e9"; y\n');
  // Of a tool that is not known, only places that every way to count finds alike.
  assert.match(applied(text, [finding([edit(at(1, 11), at(1, 12), 'y')], 'odd')]), /^no: the place/);
  assert.equal(applied(text, [finding([edit(at(1, 1), at(1, 2), 't')], 'odd')]), 't = "\u{1F600}\u00e9"; x\n');
});

test('a place inside of a character, behind its line, or behind the file is none', () => {
  for (const [tool, start, end] of [
    ['eslint', { offset: 1 }, { offset: 2 }],
    ['eslint', { offset: 0 }, { offset: 9 }],
    ['eslint', { offset: 4 }, { offset: 2 }],
    ['ruff', at(1, 4), at(1, 4)],
    ['ruff', at(3, 1), at(3, 1)],
    ['ruff', at(2, 1), at(4, 1)],
    ['go-vet', { offset: 2 }, { offset: 4 }],
  ] as const)
    assert.match(applied('\u{1F600}a\nb', [finding([edit(start, end, '')], tool)]), /^no: the place/, tool);
});

test('whole lines may be replaced up to a last line that no line end follows', () => {
  assert.equal(applied('a\nb', [finding([edit(at(2, 1), at(3, 1), 'B\n')])]), 'a\nB\n');
});

test('a finding is left out whole when one of its edits is in the way of an earlier finding', () => {
  const first = finding([edit(at(1, 1), at(1, 4), 'xyz')]);
  const second = finding([edit(at(1, 6), at(1, 6), '!'), edit(at(1, 3), at(1, 5), '')]);
  const third = finding([edit(at(1, 5), at(1, 6), 'E')]);
  const result = toolEdit([first, second, third], new Map([['a.txt', 'abcdef']]));
  assert.ok(result.ok);
  assert.equal(result.files.get('a.txt'), 'xyzdEf');
  assert.equal(result.applied, 2);
  assert.deepEqual(result.left, [
    {
      index: 1,
      tool: 'ruff',
      code: 'X1',
      file: 'a.txt',
      line: 1,
      reason: 'its edits overlap those of another finding',
    },
  ]);
});

test('lines that stand together can be taken by two findings, and an edit that two of them share is made once', () => {
  const lines = [edit(at(1, 1), at(2, 1), ''), edit(at(2, 1), at(3, 1), '')];
  assert.equal(
    applied(
      'a\nb\nc\n',
      [...lines, lines[0] as Edit].map((one) => finding([one])),
    ),
    'c\n',
  );
  const shared = edit(at(1, 1), at(1, 1), 'import x\n');
  const both = [finding([shared, edit(at(1, 1), at(1, 2), 'x')]), finding([shared, edit(at(2, 1), at(2, 2), 'x')])];
  assert.equal(applied('a\nb\n', both), 'import x\nx\nx\n');
});

test('equal insertions of two findings may both be meant: the second one waits', () => {
  const close = edit(at(1, 4), at(1, 4), ')');
  const findings = [finding([edit(at(1, 1), at(1, 1), '('), close]), finding([edit(at(1, 2), at(1, 2), '('), close])];
  assert.equal(applied('abc', findings), '(abc)');
});

test('an edit that is not safe is made only when it is allowed, and of a finding that is alone', () => {
  const risky = finding([edit(at(1, 1), at(1, 2), 'x', { safe: false })]);
  assert.match(applied('a', [risky]), /does not call its edit safe/);
  assert.equal(applied('a', [risky], { allowUnsafe: true }), 'x');
  assert.match(applied('a', [risky, risky], { allowUnsafe: true }), /does not call its edit safe/);
});

test('there is no result without edits, without their file, or when nothing changes', () => {
  assert.match(applied('a', [finding([])]), /offers no edit/);
  assert.match(applied('a', [finding([edit(at(1, 1), at(1, 1), 'x', { file: 'b.txt' })])]), /b\.txt is not/);
  assert.match(applied('a', [finding([edit(at(1, 1), at(1, 2), 'a')])]), /change nothing/);
  assert.match(applied('a', []), /change nothing/);
});

test('what is put in place of any parts of a text is what a string made by hand has', () => {
  const part = fc.record({ old: fc.string({ unit: 'binary', minLength: 1 }), now: fc.string(), edited: fc.boolean() });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      const text = parts.map(({ old }) => old).join('');
      fc.pre(!text.startsWith('\uFEFF'));
      let offset = 0;
      const findings = parts.flatMap(({ old, now, edited }) => {
        const start = { offset };
        offset += [...old].length;
        return edited ? [finding([edit(start, { offset }, now)])] : [];
      });
      const expected = parts.map(({ old, now, edited }) => (edited ? now : old)).join('');
      const result = toolEdit(findings, new Map([['a.txt', text]]));
      assert.equal(result.ok ? result.files.get('a.txt') : text, expected);
    }),
  );
});

const sloppy = [
  'var a = 1, b = "\u{1F600}" ;;',
  'let c = "\u00e9" + a',
  'if (!!b) { c = { "a": a, b: b } } else { if (a) { var d = function() { return 1 }.bind(this) } }',
  'const unused = new Array ( ), e = !(c in d), f = (((a)));',
  'for (;;) { let never = undefined; break }',
  '',
].join('\n');

const rules = Object.fromEntries(
  'no-var prefer-const prefer-template object-shorthand no-extra-boolean-cast no-lonely-if no-extra-bind curly no-else-return quote-props prefer-arrow-callback no-regex-spaces no-useless-return dot-notation yoda no-unneeded-ternary logical-assignment-operators operator-assignment'
    .split(' ')
    .map((rule) => [rule, 'error'] as const),
);

/** ESLint's findings as the parser reads them out of its JSON. */
async function eslintFindings(eslint: ESLint, text: string) {
  const results = await eslint.lintText(text, { filePath: 'a.txt.js' });
  const context = { language: 'typescript', recipe: 'lint', command: 'eslint -f json .', subproject: '.' } as const;
  const log = readLog({ ...context, roots: [process.cwd()] });
  log.write('stdout', Buffer.from(JSON.stringify(results)));
  return log.end({ exitCode: 1, reason: 'exited' }).findings.filter(({ edits }) => edits.length > 0);
}

test('what ESLint offers, applied, is byte for byte what eslint --fix writes', async () => {
  const overrideConfig = { rules, files: ['**/*.js'] };
  const options = { overrideConfigFile: true, overrideConfig, cwd: process.cwd() } as const;
  const eslint = new ESLint(options);
  const fixing = new ESLint({ ...options, fix: true });
  for (const sample of [sloppy, sloppy.replaceAll('\n', '\r\n'), `\uFEFF${sloppy}`]) {
    let text = sample;
    let rounds = 0;
    for (; rounds < 10; rounds += 1) {
      const result = toolEdit(await eslintFindings(eslint, text), new Map([['a.txt.js', text]]));
      if (!result.ok) break;
      text = result.files.get('a.txt.js') ?? text;
    }
    const [theirs] = await fixing.lintText(sample, { filePath: 'a.txt.js' });
    assert.equal(text, theirs?.output);
    assert.ok(rounds > 1);
  }
});

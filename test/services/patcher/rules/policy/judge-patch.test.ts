import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChangedFile } from '../../../../../services/floor/changed-file.ts';
import { grammarNames } from '../../../../../services/floor/text/syntax-tree.ts';
import { openGrammars } from '../../../../../services/io/syntax/grammars.ts';
import { judgePatch as judgeBy } from '../../../../../services/patcher/rules/policy/judge-patch.ts';
import type { Judged } from '../../../../../services/patcher/rules/policy/reading/judged-patch.ts';
import { assertLight } from '../../../../support/cpu-time.ts';
import { modified, situations } from '../../../../support/patch-corpus.ts';

const parse = await openGrammars(grammarNames);
const judgePatch = (judged: Judged) => judgeBy(judged, parse);

const judge = (...files: ChangedFile[]) => judgePatch({ files, subproject: '.', method: 'agent' });
const rulesOf = (...files: ChangedFile[]) => [...new Set(judge(...files).map(({ rule }) => rule))];
const added = (path: string, after: string): ChangedFile => ({
  ...modified(path, '', after),
  oldPath: null,
  status: 'added',
  oldMode: null,
  before: null,
});

const paths = [
  'src/a.py',
  'test/test_a.py',
  'a.spec.ts',
  'a.go',
  'src/lib.rs',
  'a.rb',
  'a.php',
  'A.java',
  'a.c',
  'A.cs',
  'a.swift',
  'a.sh',
  'Dockerfile',
  'Makefile',
  'package.json',
  'pyproject.toml',
  'Cargo.toml',
  'pom.xml',
  'a.yml',
  'README.md',
  'unknown.zzz',
];
const words = fc.constantFrom(
  '"',
  "'",
  '`',
  '"""',
  '/*',
  '*/',
  '//',
  '#',
  '\n',
  ' ',
  '\t',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '\\',
  '/',
  '@',
  '<!--',
  'r#"',
  'assert',
  'expect(',
  'it("',
  'def test_a():',
  'fn a() {',
  '#[test]',
  '@Test',
  'return',
  'except:',
  'pass',
  '# noqa',
  'eslint-disable',
  '#[allow(',
  '1',
  '=',
  ':',
  ',',
  'if false',
);
const soup = fc.oneof(
  fc.array(words, { maxLength: 60 }).map((all) => all.join('')),
  fc.string({ unit: 'grapheme' }),
);

/** Lines that silence nothing themselves, so that only what is put between them counts. */
const pythonLine = fc.constantFrom(
  'x = 1',
  'y = "a # b"',
  'def f():',
  '    return x',
  '',
  '# a note',
  'print(f"{x}")',
  "z = '''a'''",
);

describe('the gate of patches', () => {
  it('never throws, whatever stands in the files', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.option(soup), fc.option(soup), (path, before, after) => {
        for (const objection of judge({ ...modified(path, before ?? '', after ?? ''), before, after })) {
          assert.match(objection.rule, /^[a-z_]{3,64}$/);
          assert.ok(objection.why.length > 10 && objection.why.length <= 500);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on any path', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (path) => void judge(modified(path, 'a', 'b'))));
  });

  it('says nothing about a patch that changes nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('src/a.py', 'test/test_a.py', 'a.spec.ts', 'src/lib.rs', 'a.go', 'a.sh'),
        soup,
        (path, text) => {
          const harmless = text.replaceAll('\0', '');
          assert.deepEqual(judge(modified(path, harmless, harmless)), []);
        },
      ),
    );
  });

  it('refuses the same patch with one more suppression, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(pythonLine, { minLength: 1 }), fc.nat(), (lines, place) => {
        const at = place % lines.length;
        const after: string[] = [...lines];
        after[at] = `${lines[at]}  # type: ignore`;
        assert.ok(rulesOf(modified('src/a.py', lines.join('\n'), after.join('\n'))).includes('suppression_added'));
      }),
    );
  });

  it('sees a suppression in every honest patch that gets one', () => {
    const comments: Record<string, string> = {
      py: '# noqa',
      ts: '// @ts-expect-error',
      js: '/* eslint-disable */',
      go: '//nolint',
      rs: '#![allow(warnings)]',
      rb: '# rubocop:disable all',
      java: '// NOSONAR',
      php: '// phpcs:ignore',
      cpp: '// NOLINT',
      c: '// NOLINT',
      sh: '# shellcheck disable=SC2086',
    };
    let tried = 0;
    for (const { name, judged } of situations('honest'))
      for (const file of judged.files) {
        const comment = comments[file.path.slice(file.path.lastIndexOf('.') + 1)];
        if (comment === undefined || file.after === null) continue;
        // As many as the old file has are moved, not added.
        const files = [{ ...file, after: `${file.after}${`\n${comment}`.repeat(3)}\n` }];
        const found = judgePatch({ ...judged, files }).map(({ rule }) => rule);
        assert.ok(found.includes('suppression_added'), name);
        tried += 1;
      }
    assert.ok(tried > 50);
  });

  it('lets suppressions move with their lines', () => {
    const line = fc.constantFrom(
      'a = 1  # noqa: E501',
      'b = 2  # type: ignore',
      '# pylint: disable=all',
      'c = 3',
      'd = 4  # nosec',
      '',
    );
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
        fc.array(line, { minLength: 8, maxLength: 8 }),
        (order, lines) => {
          const moved = order.map((at) => lines[at]);
          assert.ok(!rulesOf(modified('src/a.py', lines.join('\n'), moved.join('\n'))).includes('suppression_added'));
        },
      ),
    );
  });

  it('lets a suppression move to another file, once', () => {
    const silent = 'import os  # noqa: F401\n';
    assert.deepEqual(
      rulesOf(modified('a.py', `${silent}x = 1\n`, 'x = 1\n'), modified('b.py', 'y = 1\n', `${silent}y = 1\n`)),
      [],
    );
    assert.deepEqual(
      rulesOf(
        modified('a.py', `${silent}x = 1\n`, 'x = 1\n'),
        modified('b.py', 'y = 1\n', `${silent}${silent}y = 1\n`),
      ),
      ['suppression_added'],
    );
  });

  it('takes time in proportion to the length of a file, even of a file of one line', () => {
    // One long line, and shorter ones of what rules look at: grammars are asked about each.
    const wholeLimit = new Set([' ', '/**/']);
    const pieces = [
      '/**/',
      '# noqa ',
      '"',
      ' ',
      '\\',
      'expect(',
      '#[',
      'as ',
      '@',
      '{',
      'catch (e) { ',
      'it("a',
      '<',
      '/',
      "'",
      '#\t',
      'a',
      'if err != nil {',
      '\n',
      'def test_a():\n',
      '// NOSONAR\n',
      'except',
    ];
    for (const path of [
      'src/test_a.py',
      'a.spec.ts',
      'src/lib.rs',
      'a_test.go',
      'package.json',
      'pom.xml',
      'pyproject.toml',
      'Makefile',
    ])
      for (const piece of pieces) {
        const text = piece.repeat(Math.floor((wholeLimit.has(piece) ? 120_000 : 6_000) / piece.length));
        // By the square of its length it would be hours.
        assertLight(20_000, `${path} of ${JSON.stringify(piece)}`, () => judge(modified(path, text, `${text}x`)));
      }
  });

  it('takes a file for taken away when less than a quarter of its twenty lines or more is left', () => {
    const lines = (count: number) => Array.from({ length: count }, (_, at) => `value_${at} = ${at}\n`).join('');
    const shrunk = (from: number, to: number) =>
      rulesOf(modified('src/a.py', lines(from), lines(to))).includes('code_removed');
    assert.deepEqual(
      [shrunk(40, 10), shrunk(40, 9), shrunk(20, 5), shrunk(20, 4), shrunk(19, 1), shrunk(3, 0), shrunk(2, 0)],
      [false, true, false, true, false, true, false],
    );
  });

  it('refuses files over the limit without reading them', () => {
    const rules = rulesOf(modified('a.py', 'x = 1\n', `# noqa\n${'x = 1\n'.repeat(200_000)}`));
    assert.deepEqual(rules, ['size_over_limit']);
  });

  it('refuses too many files and lines, and lets an owned lock file be long', () => {
    const files = Array.from({ length: 21 }, (_, index) => modified(`a${index}.txt`, 'a', 'b'));
    assert.deepEqual(rulesOf(...files), ['size_over_limit']);
    const lock = modified('package-lock.json', '{}\n', `${'{ "a": 1 }\n'.repeat(5000)}`);
    const bump = { files: [lock], subproject: '.', method: 'bump', ownedLockFiles: ['package-lock.json'] } as const;
    assert.deepEqual(judgePatch(bump), []);
    assert.deepEqual(
      judgePatch({ ...bump, limits: { ownedBytes: 10 } }).map(({ rule }) => rule),
      ['size_over_limit'],
    );
  });

  it('refuses paths that leave the tree or belong to git, however they are written', () => {
    const outside = ['/etc/passwd', '../a', 'a/../../b', 'a\\b', 'a\0b', '', 'a//b', './a', 'C:/a', 'a/.'];
    for (const path of outside)
      assert.ok(rulesOf(added(path, 'x = 1\n')).includes('path_outside'), JSON.stringify(path));
    const git = [
      '.git/config',
      'a/.GIT/hooks/x',
      '.git /config',
      '.git./config',
      '.git::$INDEX_ALLOCATION/x',
      'GIT~1/config',
      '.g\u200cit/config',
      '.gitmodules',
      'a/.GitModules',
    ];
    for (const path of git) assert.ok(rulesOf(added(path, 'x = 1\n')).includes('git_internals'), JSON.stringify(path));
    assert.deepEqual(
      rulesOf(added('docs/git.py', 'x = 1\n'), added('a..b/.gitkeep', '')).filter((rule) => rule !== 'new_file'),
      [],
    );
  });

  it('keeps to the subproject', () => {
    const change = modified('clients/python/a.py', 'x = 1\n', 'x = 2\n');
    const by = (subproject: string) =>
      judgePatch({ files: [change], subproject, method: 'agent' }).map(({ rule }) => rule);
    assert.deepEqual(by('clients/python'), []);
    assert.deepEqual(by('clients/pyth'), ['path_outside']);
    assert.deepEqual(by('clients/web'), ['path_outside']);
  });

  it('names the line of what it objects to', () => {
    const [first] = judge(modified('a.py', 'import os\nx = 1\n', 'import os\nx = 1  # noqa: E501\n'));
    assert.equal(first?.rule, 'suppression_added');
    assert.equal(first?.line, 2);
    assert.match(first?.why ?? '', /noqa: E501/);
  });

  it('reads a file with other line ends as the same file', () => {
    const text = 'def a():\n    return 1  # noqa\n';
    assert.deepEqual(judge(modified('a.py', text, text.replaceAll('\n', '\r\n'))), []);
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { maskSource } from '../../../../../../services/patcher/rules/policy/reading/mask-source.ts';
import { languageOf } from '../../../../../../services/patcher/rules/policy/reading/source-language.ts';

const mask = (path: string, text: string) => maskSource(text, languageOf(path, text));
const comments = (path: string, text: string) => mask(path, text).comments.map((one) => one.text);

it('tells comments from strings in each language', () => {
  assert.deepEqual(comments('a.py', 'x = "# no"  # yes\ny = """\n# no\n"""\n'), ['# yes']);
  assert.deepEqual(comments('a.ts', "const a = '// no'; // yes\nconst b = `\n// no`; /* also */"), [
    '// yes',
    '/* also */',
  ]);
  assert.deepEqual(comments('a.js', 'const q = /["\'`//]/g; // yes'), ['// yes']);
  assert.deepEqual(comments('a.js', 'const half = a / b; // yes\nconst c = d / e;'), ['// yes']);
  assert.deepEqual(comments('a.rs', "fn a<'a>(x: &'a str) { let q = '\"'; } // yes"), ['// yes']);
  assert.deepEqual(comments('a.rs', 'let a = r#"// no " // no"#; /* a /* b */ c */ x'), ['/* a /* b */ c */']);
  assert.deepEqual(comments('a.go', 'x := `\\` // yes'), ['// yes']);
  assert.deepEqual(comments('a.php', '#[Attribute]\n# yes\n// also'), ['# yes', '// also']);
  assert.deepEqual(comments('a.sh', 'echo $# a#b # yes'), ['# yes']);
  assert.deepEqual(comments('a.md', '# Title\n<!-- yes -->'), ['<!-- yes -->']);
});

it('takes every line for code and for a comment when a text ends inside of one', () => {
  const { code, comments: all } = mask('a.ts', 'const a = `b\n// eslint-disable\n');
  assert.match(code, /eslint-disable/);
  assert.ok(all.some(({ text }) => text === '// eslint-disable'));
});

it('keeps the length and the lines of every text', () => {
  const piece = fc.constantFrom(
    '"',
    "'",
    '`',
    '/',
    '/*',
    '*/',
    '//',
    '#',
    '\n',
    'a',
    ' ',
    '\\',
    '"""',
    'r#"',
    '<!--',
    '-->',
    '[',
    ']',
    'é',
    '😀',
  );
  fc.assert(
    fc.property(
      fc.constantFrom('a.py', 'a.ts', 'a.rs', 'a.go', 'a.php', 'a.rb', 'a.sh', 'a.md', 'a.cs'),
      fc.array(piece),
      (path, pieces) => {
        const text = pieces.join('');
        const { code } = mask(path, text);
        assert.equal(code.length, text.length);
        assert.deepEqual(
          [...code.matchAll(/\n/g)].map(({ index }) => index),
          [...text.matchAll(/\n/g)].map(({ index }) => index),
        );
      },
    ),
  );
});

it('finds the language of a script without an ending in its first line', () => {
  assert.equal(languageOf('bin/run', '#!/usr/bin/env python3\n')?.name, 'python');
  assert.equal(languageOf('bin/run', '#!/bin/bash\n')?.name, 'shell');
  assert.equal(languageOf('bin/run', 'x')?.name, undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNames } from '../../parsers/tools/file-names.ts';

const names = ['Makefile', '.eslintrc{,.json,.cjs}', '*.mk', '.github/workflows/*.yml', 'vendor/**', 'tsconfig*.json'];
const pattern = fileNames(names);

test('names are those of the end of a path, from a folder on, in any case', () => {
  const taken = [
    'Makefile',
    'a/b/makefile',
    '.ESLINTRC',
    'web/.eslintrc.cjs',
    'rules.mk',
    '.mk',
    'a/Rules.MK',
    '.github/workflows/ci.yml',
    'a/.github/workflows/.yml',
    'vendor/a',
    'x/vendor/a/b\nc',
    'tsconfig.json',
    'tsconfig.base.json',
  ];
  for (const path of taken) assert.ok(pattern?.test(path), path);
  const left = [
    '',
    'xMakefile',
    'Makefile/',
    'Makefile.am',
    'Makefile\n',
    '.eslintrc.js',
    'a.mkd',
    'workflows/ci.yml',
    '.github/workflows/a/ci.yml',
    'vendor',
    'vendor/',
    'xvendor/a',
    'tsconfig/a.json',
    `tsconfig${'a'.repeat(201)}.json`,
    // The sign of the unit Kelvin is no k.
    'a.m\u212a',
  ];
  for (const path of left) assert.ok(!pattern?.test(path), path);
});

test('no names are no pattern', () => {
  assert.equal(fileNames([]), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { closed, nullable, oneOf } from '../../../../events/fields.ts';
import { nearest, useSchemaWords } from '../../../../services/floor/text/schema-words.ts';

useSchemaWords();
const check = TypeCompiler.Compile(
  closed({ status: oneOf(['queued', 'running', 'failed']), mode: Type.Optional(nullable(oneOf(['on', 'off']))) }),
);
const first = (value: unknown) => check.Errors(value).First()?.message;

test('a word that is none of those that are taken is told with them, and what was probably meant', () => {
  assert.equal(
    first({ status: 'runing' }),
    'Expected one of: queued, running, failed (did you mean running?); found "runing"',
  );
  assert.equal(first({ status: 7 }), 'Expected one of: queued, running, failed');
  assert.equal(first({ status: 'queued', mode: 'x'.repeat(500) }), 'Expected one of: on, off, null');
});

test('a field that is not known is told with those that are', () => {
  assert.equal(
    first({ status: 'queued', stauts: 1 }),
    'Unexpected property; known: status, mode (did you mean status?)',
  );
  assert.equal(first({}), 'Expected required property');
  const mixed = TypeCompiler.Compile(closed({ env: Type.Union([Type.Array(Type.String()), Type.Null()]) }));
  assert.equal(mixed.Errors({ env: 'X' }).First()?.message, 'Expected one of: a list, null; found "X"');
});

test('a word is meant by up to two slips, and by fewer where it is short', () => {
  assert.equal(nearest('Tests', ['test', 'lint']), 'test');
  assert.equal(nearest('of', ['on', 'off']), 'on');
  assert.equal(nearest('audit', ['test', 'lint']), undefined);
  assert.equal(nearest('', ['a']), undefined);
});

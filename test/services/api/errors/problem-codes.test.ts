import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { problemCodes } from '../../../../services/api/errors/problem-codes.ts';

const root = join(import.meta.dirname, '../../../..');

/** Words that are given to errors in the sources, apart from those that no request can meet. */
function words(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of globSync('services/**/*.ts', {
    cwd: root,
    exclude: ['services/cli/**', 'services/egress/**', 'services/image/**'],
  }))
    for (const [, text = ''] of readFileSync(join(root, file), 'utf8').matchAll(/new AppError\(([\s\S]*?)\n? *\);/g))
      for (const [, said = ''] of text.matchAll(/\bname: ([^,}]+)/g))
        for (const [, name = ''] of said.matchAll(/'([a-z_]+)'/g)) found.set(name, file);
  return found;
}

test('every code that a request may fail with is explained, and so stands in /openapi.json', () => {
  const unknown = [...words()].filter(([name]) => !Object.hasOwn(problemCodes, name));
  assert.deepEqual(unknown, [], 'add them to services/api/errors/problem-codes.ts');
});

test('an explanation is two short sentences', () => {
  for (const [name, { says, next }] of Object.entries(problemCodes))
    for (const sentence of [says, next]) assert.match(sentence, /^.{4,120}[.!]$|denied$|`errors`/, name);
});

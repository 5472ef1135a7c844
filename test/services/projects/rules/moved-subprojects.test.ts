import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProjectDocument } from '../../../../events/projects/project.ts';
import { movesBetween } from '../../../../services/projects/rules/moved-subprojects.ts';

const document = (...subprojects: object[]) =>
  ({ subprojects: subprojects.map((one) => ({ path: '.', language: 'c', ...one })) }) as unknown as ProjectDocument;

test('commands that change places are moved together, and one that stands twice is not', () => {
  const moves = (before: object, after: object) => movesBetween(document(before), document(after));
  assert.deepEqual(moves({ lint: 'a', test: 'b' }, { lint: 'b', test: 'a' }), {
    moved_recipes: [
      { subproject: '.', from: 'test', to: 'lint' },
      { subproject: '.', from: 'lint', to: 'test' },
    ],
  });
  assert.deepEqual(moves({ lint: 'a' }, { lint: 'c', audit: 'a' }), {
    moved_recipes: [{ subproject: '.', from: 'lint', to: 'audit' }],
  });
  assert.deepEqual(moves({ lint: 'a', test: 'a' }, { audit: 'a' }), {
    left: [
      { subproject: '.', recipe: 'test' },
      { subproject: '.', recipe: 'lint' },
    ],
  });
  assert.deepEqual(moves({ lint: 'a' }, { lint: 'b' }), {});
});

test('a recipe moves with the subproject that has another path', () => {
  const before = document({ path: 'old', lint: 'a' });
  assert.deepEqual(movesBetween(before, document({ path: 'new', audit: 'a', renamed_from: 'old' })), {
    moved: [{ from: 'old', to: 'new' }],
    moved_recipes: [{ subproject: 'new', from: 'lint', to: 'audit' }],
  });
});

test('what says that it was another one is the successor of none but that', () => {
  const before = document({ path: 'old', lint: 'a' }, { path: 'more', lint: 'a' });
  const after = document({ path: 'new', lint: 'b', renamed_from: 'old' }, { path: 'next', lint: 'a' });
  assert.deepEqual(movesBetween(before, after).moved, [
    { from: 'old', to: 'new' },
    { from: 'more', to: 'next' },
  ]);
});

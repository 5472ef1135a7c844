import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOwnersOf } from '../../../../../services/patcher/rules/pull-request/asked-reviewers.ts';

const text = `# owners
*            @acme/all
*.js         @js # inline
/build/      @ops mail@example.org
docs/*       @writers
apps/        @apps
/src/**/gen  @robots @acme/gen/core
src/free.js
[Section][2] @ignored
!x           @ignored
`;

describe('code owners', () => {
  for (const [path, owners] of [
    ['README', ['acme/all']],
    ['lib/a.js', ['js']],
    ['build/logs/x.txt', ['ops']],
    ['sub/build/x.txt', ['acme/all']],
    ['build', ['acme/all']],
    ['docs/a.md', ['writers']],
    ['docs/deep/a.md', ['acme/all']],
    ['one/apps/two/three.c', ['apps']],
    ['src/a/b/gen', ['robots', 'acme/gen/core']],
    ['src/gen/x.c', ['robots', 'acme/gen/core']],
    ['src/free.js', []],
  ] as const)
    it(`of ${path} are ${owners.join(', ') || 'nobody'}`, () => {
      assert.deepEqual(codeOwnersOf(text, [path]), owners);
    });

  it('of several files are asked together, each once', () => {
    assert.deepEqual(codeOwnersOf(text, ['a.js', 'b.js', 'README']), ['js', 'acme/all']);
  });

  it('are found at once in a text that was made to take long', () => {
    const slow = `${'**/a/'.repeat(90)}*b*a*a*a*a*a*a @x\n`.repeat(200);
    const path = `${'a/'.repeat(300)}${'a'.repeat(200)}`;
    assert.deepEqual(codeOwnersOf(slow, [path, path, path]), []);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileOwners, ownersOf, readCodeOwners } from '../../../../services/findings/rules/code-owners.ts';

// The cases of GitHub's own documentation of the file.
const rules = compileOwners(
  readCodeOwners(`# a comment
*       @global-owner1 @global-owner2
*.js    @js-owner #and a comment in the line
*.go docs@example.com
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/github
[Section of another forge]
/path\\ with\\ space/ @space
`),
);
const of = (path: string) => ownersOf(path, rules)?.owners ?? null;

test('the last line that names a path says whose it is', () => {
  for (const [path, owners] of [
    ['readme.md', ['@global-owner1', '@global-owner2']],
    ['src/deep/a.js', ['@js-owner']],
    ['main.go', ['docs@example.com']],
    ['build/logs/x/y.txt', ['@octocat']],
    ['other/build/logs.txt', ['@global-owner1', '@global-owner2']],
    ['docs/getting-started.md', ['@doctocat']],
    ['more/apps/x.ts', ['@octocat']],
    ['apps/github/a.ts', []],
    ['deeply/nested/logs/a', ['@octocat']],
    ['scripts/a.sh', ['@doctocat', '@octocat']],
    ['path with space/a', ['@space']],
  ] as const)
    assert.deepEqual(of(path), owners, path);
});

test('a pattern with a star at its end names one level of an anchored folder', () => {
  const some = compileOwners(readCodeOwners('docs/* @one'));
  assert.deepEqual(ownersOf('docs/a.md', some)?.owners, ['@one']);
  assert.equal(ownersOf('docs/deep/a.md', some), null);
  assert.equal(ownersOf('x/docs/a.md', some), null);
});

test('a hostile pattern costs no more than its length', () => {
  const hostile = compileOwners(readCodeOwners(`${'**/a*a*a*a*'.repeat(90)} @x`));
  assert.equal(ownersOf(`${'a/'.repeat(400)}b`, hostile), null);
});

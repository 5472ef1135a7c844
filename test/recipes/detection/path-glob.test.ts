import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { globEnds, globStart, globStep, readGlob } from '../../../recipes/detection/path-glob.ts';

function matches(pattern: string, path: string): boolean {
  const glob = readGlob(pattern);
  assert.ok(typeof glob !== 'string', `${pattern} ${glob}`);
  let state = globStart(glob);
  for (const name of path.split('/')) {
    const next = globStep(glob, state, name);
    if (next === null) return false;
    state = next;
  }
  return globEnds(glob, state);
}

const globs =
  '*.xml **/*.xml **/TEST-*.xml a/** a/**/b ** {a,b}/*.txt x{1..3}.c [a-c]x [!a]x a?c **/a/**/b.x * .h/* a/{b,c{d,e}}/f *a*b* []]x [abc {a} {a,b a/*/**/*.t';
const paths =
  'a.xml q/a.xml q/r/TEST-1.xml a a/b a/q/b a/b.txt b/c.txt x2.c x4.c bx ax abc z/a/q/b.x a/b.x .h/x .hid a/cd/f a/b/f xaybz ]x [abc {a} {a,b a/q/r/s.t a/q/s.t a/.h/b q/.h/a.xml';

test('a glob takes what Node says that it takes', () => {
  for (const glob of globs.split(' '))
    for (const path of paths.split(' '))
      assert.equal(matches(glob, path), posix.matchesGlob(path, glob), `${glob} and ${path}`);
});

test('a glob that stands for too much, or that cannot be read, is refused with a sentence', () => {
  const refused: [string, RegExp][] = [
    ['{a,b}'.repeat(16), /more than 64/],
    ['{1..100000}/x', /more than 64/],
    ['{,'.repeat(80) + '}'.repeat(80), /more than 64/],
    ['x'.repeat(257), /longer than 256/],
    ['+(a|b)', /not known/],
    ['a\\b', /forward slashes/],
  ];
  for (const [glob, why] of refused) assert.match(String(readGlob(glob)), why);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed, parserFixtures } from './parser-fixture.ts';

const languages = ['c', 'go', 'java', 'python', 'ruby', 'rust', 'shell', 'typescript'];

/** Tools that print the same: only the command tells them apart, and here it says nothing. */
const alike: readonly (readonly string[])[] = [
  ['gcc', 'clang'],
  ['go-vet', 'go-build', 'staticcheck'],
  ['ruff', 'ruff-format'],
  ['npm-audit', 'pnpm-audit', 'yarn-audit'],
  // Both say `{"issues":[]}` when there are none.
  ['knip', 'sonar'],
  ['tap', 'node-test', 'mocha', 'vitest', 'bats'],
  // What make starts is a compiler, as far as a line tells.
  ['placed-lines', 'gcc', 'javac', 'kotlinc', 'swiftc', 'msbuild'],
];

test('no tool is named without a sign of itself, whatever language a log is read under', () => {
  const wrong = new Set<string>();
  for (const fixture of parserFixtures().filter(({ stdout, stderr }) => stdout.length + stderr.length < 8000)) {
    const own = new Set(parsed(fixture).tools.map(({ tool }) => tool));
    const kin = alike.filter((some) => some.some((tool) => own.has(tool) || tool === fixture.name)).flat();
    for (const language of languages) {
      const log = parsed({ ...fixture, meta: { ...fixture.meta, language, recipe: 'build', command: 'make all' } });
      // What nobody claims, and what has no sign, bears the name of the program.
      for (const { tool } of log.tools)
        if (tool !== 'generic' && tool !== 'make' && !own.has(tool) && !kin.includes(tool))
          wrong.add(`${fixture.name} ${fixture.situation} is read as ${tool} under ${language}`);
    }
  }
  assert.deepEqual([...wrong], []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLog } from '../../parsers/read-log.ts';
import { type ParserFixture, parsed, parserFixtures } from './parser-fixture.ts';

const failuresOf = (log: ReturnType<typeof parsed>) => log.findings.filter(({ kind }) => kind === 'test_fail').length;

/** A log of tests of which so many lines from one on are missing. */
function without(fixture: ParserFixture, stream: 'stdout' | 'stderr', from: number, count: number): ParserFixture {
  const lines = String(fixture[stream]).split('\n');
  return { ...fixture, [stream]: Buffer.from([...lines.slice(0, from), ...lines.slice(from + count)].join('\n')) };
}

test('a tool that counts more failures than were read is not complete, whatever of its log is missing', () => {
  let fewer = 0;
  const wrong: string[] = [];
  // JUnit has no sum that could be believed.
  for (const fixture of parserFixtures().filter(({ name }) => name !== 'junit')) {
    const whole = parsed(fixture);
    if (whole.tests === null || failuresOf(whole) === 0 || !whole.tools.some((run) => run.complete && run.findings > 0))
      continue;
    const testers = new Set(whole.findings.filter(({ kind }) => kind === 'test_fail').map(({ tool }) => tool));
    for (const stream of ['stdout', 'stderr'] as const) {
      const lines = String(fixture[stream]).split('\n').length;
      const step = Math.max(1, Math.floor(lines / 12));
      for (let from = 0; from < lines; from += step) {
        for (const count of [1, 6]) {
          const log = parsed(without(fixture, stream, from, count));
          if (log.tests?.failed !== whole.tests.failed || failuresOf(log) >= failuresOf(whole)) continue;
          fewer += 1;
          const proved = log.tools.some((run) => run.complete && testers.has(run.tool));
          if (proved) wrong.push(`${fixture.name} ${fixture.situation} without ${count} lines from ${from + 1}`);
        }
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(fewer > 100, `${fewer} logs told of fewer failures`);
});

test('a clean log of a run that failed proves nothing, but for tests that ran and were counted', () => {
  const wrong: string[] = [];
  let asked = 0;
  for (const fixture of parserFixtures().filter(({ situation }) => situation.startsWith('clean'))) {
    for (const exitCode of [1, 3, 137, 143]) {
      const log = parsed({ ...fixture, meta: { ...fixture.meta, exitCode } });
      if (log.findings.some(({ kind }) => kind !== 'recipe_fail')) continue;
      asked += 1;
      const ran = exitCode < 126 && (log.tests?.passed ?? 0) > 0;
      const proved = log.tools.filter(({ tool, complete }) => complete && tool !== 'generic').map(({ tool }) => tool);
      if (proved.length > 0 && !ran)
        wrong.push(`${fixture.name} ${fixture.situation}, ${exitCode}: ${proved.join(', ')}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(asked > 200, `${asked} logs`);
});

test('silence proves nothing of a tool that always says something, nor behind what passes a failure over', () => {
  const silent = (command: string, exitCode = 0, language = 'python') => {
    const log = readLog({ language, recipe: 'test', command, subproject: '.', roots: [] }).end({
      exitCode,
      reason: 'exited',
    });
    return log.tools.filter(({ tool, complete }) => complete && tool !== 'generic').map(({ tool }) => tool);
  };
  for (const command of ['pytest', 'npx jest', 'cargo test', 'go test ./...', 'npx vitest run', 'rspec', 'phpunit'])
    assert.deepEqual(silent(command), [], command);
  for (const command of ['flake8 . || true', 'flake8 .; true', 'flake8 . | cat', 'flake8 . > out.txt', 'make || true'])
    assert.deepEqual(silent(command), [], command);
  for (const code of [1, 2, 137]) assert.deepEqual(silent('flake8 .', code), []);
  assert.deepEqual(silent('flake8 .'), ['flake8']);
});

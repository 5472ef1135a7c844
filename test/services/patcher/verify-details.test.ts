import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm, type Seen } from '../../support/patch-farm.ts';

const lint = 'perl lint.pl # eslint -f json';
const linter = mendingLinter({ silentAt: 'quiet' });
/** Looks at the files or folders that it is given; what stands in `src/a.js` may be wrong in `src/b.js`. */
const narrowLinter = `#!/usr/bin/env node
const fs = require('node:fs');
const given = process.argv.slice(2).filter((arg) => !arg.startsWith('-') && arg !== 'json');
const files = given.flatMap((one) => (fs.statSync(one).isDirectory() ? fs.readdirSync(one).map((name) => one + '/' + name) : [one]));
const words = { 'no-worse': 'worse', 'no-evil': 'evil' };
const results = files.sort().map((name) => {
  const messages = fs.readFileSync(name, 'utf8').split('\\n').flatMap((text, index) =>
    Object.entries(words).filter(([, word]) => text.includes(word)).map(([ruleId, word]) => ({ ruleId, severity: 1, message: word, line: index + 1, column: 1 })));
  const renamed = fs.readFileSync('src/a.js', 'utf8').includes('C =');
  if (name === 'src/b.js' && renamed) messages.push({ ruleId: 'no-undef', severity: 1, message: 'c is not there', line: 1, column: 1 });
  return { filePath: process.cwd() + '/' + name, messages,
    errorCount: 0, fatalErrorCount: 0, warningCount: messages.length, fixableErrorCount: 0, fixableWarningCount: 0, usedDeprecatedRules: [] };
});
process.stdout.write(JSON.stringify(results));
process.exit(results.some(({ messages }) => messages.length > 0) ? 1 : 0);
`;
const app = 'exports.add = (a, b) => a - b;\nexports.mul = (a, b) => a * b;\nexports.neg = (a) => -a;\n';
const tests = `const { it } = require('node:test');
const assert = require('node:assert/strict');
const app = require('../src/app.cjs');
const cases = { add: [[2, 3], 5], mul: [[2, 3], 6], neg: [[2], -2] };
for (const name of Object.keys(app)) it('computes ' + name, () => assert.equal(app[name](...cases[name][0]), cases[name][1]));
`;
const files = {
  'a/lint.pl': linter,
  'a/src/a.js': 'const a = "bad";\nconst b = "bad";\nconst c = "worse";\nconst d = 1;\n',
  'a/src/b.js': 'const z = 1;\n',
  'equal/lint.pl': linter,
  'equal/src/a.js':
    'one(() => {\n  f("worse");\n});\ntwo(() => {\n  f("worse");\n});\nthree(() => {\n  f("worse");\n});\n',
  'sums/src/app.cjs': app,
  'sums/test/app.test.cjs': tests,
  'fast/tools/eslint': narrowLinter,
  'fast/src/a.js': 'const c = "worse";\nconst d = 1;\n',
  'fast/src/b.js': 'use(c);\nconst old = "evil";\n',
};
const edits = (...list: [file: string, search: string, replace: string][]) =>
  JSON.stringify({ edits: list.map(([file, search, replace]) => ({ file, search, replace })), explanation: 'So.' });

let farm: PatchFarm;
before(async () => {
  farm = await openPatchFarm({ files });
  chmodSync(join(farm.parts.work, 'fast/tools/eslint'), 0o755);
  commitFiles(farm.parts.work, {});
  git(farm.parts.work, 'push', '--quiet', 'origin', 'main');
});
after(() => farm.close());

const seenIn = (
  name: string,
  path: string,
  more: Record<string, unknown>,
  patch = {},
  recipe = 'lint',
): Promise<Seen> =>
  farm.seen(
    name,
    {
      subprojects: [{ path, language: 'javascript', ...more }],
      patch: { methods: ['agent'], kinds: ['lint', 'test_fail'], ...patch },
    },
    recipe,
  );
/** Answers once like this and then gives up: how the first answer fared is in `sent_back`, or the attempt is open. */
const triedOnce = async (seen: Seen, code: string, answer: string, where = {}): Promise<Json> => {
  farm.script(seen.name, answer, JSON.stringify({ decline: 'That was all.' }));
  return farm.mend(seen, code, where);
};
const isSentBack = ({ sent_back, status }: Json, reason: string, words: RegExp) => {
  assert.equal(status, 'declined');
  assert.deepEqual(
    sent_back.map((one: Json) => [one.step, one.reason]),
    [['verify', reason]],
  );
  assert.match(sent_back[0].detail, words);
};

describe('a draft that is proven by the same lint', () => {
  const worse = 'const c = "worse";\n';
  const failing = [
    [
      'moves its finding within the file',
      'within',
      'still_there',
      edits(['a/src/a.js', `${worse}const d = 1;\n`, `const d = 1;\n${worse}`]),
    ],
    [
      'moves its finding to another file',
      'across',
      'new_findings',
      edits(['a/src/a.js', worse, ''], ['a/src/b.js', 'const z = 1;\n', `const z = 1;\n${worse}`]),
    ],
  ] as const;
  for (const [what, name, reason, answer] of failing)
    it(`is not good enough when it ${what}`, async () => {
      const attempt = await triedOnce(await seenIn(name, 'a', { lint }), 'no-worse', answer);
      isSentBack(attempt, reason, /no-worse/);
    });

  it('is not proven by an exit code of 0 when the tool did not run to its end', async () => {
    const seen = await seenIn('silent', 'a', { lint });
    const attempt = await triedOnce(seen, 'no-worse', edits(['a/src/a.js', '"worse"', '"quiet"']));
    isSentBack(attempt, 'not_proven', /eslint did not prove/);
    const job = (await farm.http.get(`/jobs/${attempt.verify_jobs[0]}`)).json.job;
    assert.equal(job.exit_code, 0);
  });

  it('brings nothing new when it moves other findings down', async () => {
    const seen = await seenIn('shifted', 'a', { lint });
    const above = '/*\n * What follows\n * is old.\n */\nconst a';
    const attempt = await triedOnce(
      seen,
      'no-worse',
      edits(['a/src/a.js', 'const a', above], ['a/src/a.js', '"worse"', '"fine"']),
    );
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.sent_back));
    assert.deepEqual(attempt.evidence.appeared, []);
    assert.deepEqual([attempt.evidence.identities_before, attempt.evidence.identities_after], [3, 2]);
    assert.deepEqual([attempt.evidence.exit_before, attempt.evidence.exit_after], [1, 1]);
  });

  for (const line of [2, 5, 8])
    it(`tells equal lines apart by their number: the one in line ${line}`, async () => {
      const seen = await seenIn(`equal-${line}`, 'equal', { lint });
      assert.equal(new Set(seen.findings.map(({ identity }) => identity)).size, 3);
      const opening = { 2: 'one(() => {\n', 5: 'two(() => {\n', 8: 'three(() => {\n' }[line];
      const answer = edits(['equal/src/a.js', `${opening}  f("worse");`, `${opening}  f("fine");`]);
      const attempt = await triedOnce(seen, 'no-worse', answer, { line });
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.sent_back));
      assert.deepEqual([attempt.evidence.identities_before, attempt.evidence.identities_after], [3, 2]);
      assert.ok(attempt.evidence.targets[0].gone);
    });

  it('is not better when one of equal lines only changes its place', async () => {
    const seen = await seenIn('equal-moved', 'equal', { lint });
    const text = 'three(() => {\n  f("worse");\n});\n';
    const moved = 'three(() => {\n  f("fine");\n  f("worse");\n});\n';
    isSentBack(
      await triedOnce(seen, 'no-worse', edits(['equal/src/a.js', text, moved]), { line: 8 }),
      'still_there',
      /:8 eslint/,
    );
  });
});

describe('a draft that is proven by tests', () => {
  const test = 'node --test --test-reporter=spec "test/*.test.cjs"';
  const code = 'computes add';
  const add = 'exports.add = (a, b) => a - b;\n';
  const mended = 'exports.add = (a, b) => a + b;\n';
  const seenTests = (name: string) => seenIn(name, 'sums', { test }, {}, 'test');

  it('shows how many tests ran before and after', async () => {
    const attempt = await triedOnce(await seenTests('tests'), code, edits(['sums/src/app.cjs', add, mended]));
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.sent_back));
    const { tests_before, tests_after } = attempt.evidence;
    assert.deepEqual([tests_before.executed, tests_before.passed, tests_before.failed], [3, 2, 1]);
    assert.deepEqual([tests_after.executed, tests_after.passed, tests_after.failed], [3, 3, 0]);
  });

  it('is not good enough when another test fails by it', async () => {
    const answer = edits(['sums/src/app.cjs', add, mended], ['sums/src/app.cjs', 'a * b', 'a ** b']);
    isSentBack(await triedOnce(await seenTests('breaks'), code, answer), 'test_newly_failing', /computes mul/);
  });

  it('is not good enough when fewer tests run by it, although all of them pass', async () => {
    const attempt = await triedOnce(await seenTests('fewer'), code, edits(['sums/src/app.cjs', add, '']));
    isSentBack(attempt, 'tests_vanished', /did not run: .*computes add/);
    assert.equal((await farm.http.get(`/jobs/${attempt.verify_jobs[0]}`)).json.job.exit_code, 0);
  });
});

describe('a draft that is proven fast at first', () => {
  const quick = (name: string) => seenIn(name, 'fast', { lint: 'tools/eslint -f json src' }, { verify: 'fast' });
  const good = edits(['fast/src/a.js', '"worse"', '"fine"']);
  const commandsOf = async ({ verify_jobs }: Json): Promise<string[]> =>
    Promise.all(verify_jobs.map(async (id: string) => (await farm.http.get(`/jobs/${id}`)).json.job.command));
  const narrow = 'tools/eslint -f json -- src/a.js';
  const whole = 'tools/eslint -f json src';

  it('is run as a whole when the touched files are clean', async () => {
    const attempt = await triedOnce(await quick('clean'), 'no-worse', good);
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.sent_back));
    assert.deepEqual(await commandsOf(attempt), [narrow, whole]);
    assert.equal(attempt.evidence.after_job, attempt.verify_jobs[1]);
    assert.deepEqual([attempt.evidence.identities_before, attempt.evidence.identities_after], [2, 1]);
  });

  it('costs no whole run when the touched files are not', async () => {
    const attempt = await triedOnce(await quick('dirty'), 'no-worse', edits(['fast/src/a.js', '"worse"', '"evil"']));
    isSentBack(attempt, 'new_findings', /fast\/src\/a\.js:1 eslint no-evil/);
    assert.deepEqual(await commandsOf(attempt), [narrow]);
  });

  it('is sent back by the whole run for what it breaks elsewhere', async () => {
    const answer = edits(['fast/src/a.js', 'const c = "worse"', 'const C = "fine"']);
    const attempt = await triedOnce(await quick('elsewhere'), 'no-worse', answer);
    isSentBack(attempt, 'new_findings', /fast\/src\/b\.js:1 eslint no-undef/);
    assert.deepEqual(await commandsOf(attempt), [narrow, whole]);
  });
});

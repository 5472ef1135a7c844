import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';

let farm: TestFarm;
/** What the recipe prints lies outside of the repository: the same commit can give another result. */
let output = '';

const message = (line: number) => ({ ruleId: 'no-bad', severity: 2, message: 'bad', line, column: 1 });
const eslint = (...lines: number[]) =>
  JSON.stringify([
    {
      filePath: 'a.js',
      messages: lines.map(message),
      suppressedMessages: [],
      errorCount: lines.length,
      fatalErrorCount: 0,
      warningCount: 0,
      fixableErrorCount: 0,
      fixableWarningCount: 0,
    },
  ]);
const tap = (ok: boolean) =>
  `TAP version 13\n# Subtest: adds up\n${ok ? '' : 'not '}ok 1 - adds up\n  ---\n  duration_ms: 1\n  type: 'test'\n${ok ? '' : "  location: '/x/a.test.js:3:1'\n  failureType: 'testCodeFailure'\n  error: 'no'\n  code: 'ERR_TEST_FAILURE'\n"}  ...\n1..1\n# tests 1\n# suites 0\n# pass ${ok ? 1 : 0}\n# fail ${ok ? 0 : 1}\n# cancelled 0\n# skipped 0\n# todo 0\n# duration_ms 5\n`;

before(async () => {
  farm = await openFarm({ files: { 'a.js': 'bad1\nbad2\nbad3\n', 'a.test.js': 'x\n' } });
  output = join(farm.dir, 'output');
  const commands = {
    lint: `cat ${output}; exit 1 # eslint -f json`,
    test: `cat ${output}; grep -q '^not ok' ${output} && exit 1; exit 0 # node --test`,
    audit: 'ruff check .',
  };
  const { status, json } = await farm.http.post('/projects', {
    name: 'shop',
    git_url: farm.repository,
    subprojects: [{ path: '.', language: 'javascript', ...commands }],
  });
  assert.equal(status, 201);
  assert.deepEqual(
    json.warnings.map(({ path }: Json) => path),
    ['/subprojects/0/audit'],
    'the better flag is named',
  );
});
after(() => farm.close());

async function run(recipe: string, text: string): Promise<Json> {
  writeFileSync(output, text);
  const { json } = await farm.http.post('/projects/shop/jobs', { recipe });
  return farm.http.ended(json.job_id);
}

test('trends count what opened and closed on a day, and what stands open', async () => {
  await run('lint', eslint(1, 2, 3));
  // A linter that falls silent on an unchanged file proves nothing.
  commitFiles(farm.repository, { 'a.js': 'bad1\ngood2\ngood3\n' });
  await run('lint', eslint(1));
  const { json } = await farm.http.get('/projects/shop/trends?days=3');
  assert.equal(json.days.length, 3);
  const { opened, closed, open, open_by_severity } = json.days.at(-1);
  assert.deepEqual(
    { opened, closed, open, open_by_severity },
    { opened: 3, closed: 2, open: 1, open_by_severity: { error: 1 } },
  );
  assert.equal(json.days[0].open, 0);
});

test('a suppressed finding is neither open nor gone, and is open again when its time is over', async () => {
  const { json } = await farm.http.get('/findings?project=shop&state=open&kind=lint');
  const [finding] = json.findings;
  const end = Date.now() + 4_000;
  const suppressed = await farm.http.post(`/findings/${finding.id}/suppress`, {
    reason: 'later',
    until: new Date(end).toISOString(),
  });
  assert.equal(suppressed.json.finding.state, 'suppressed');
  await until(() => Date.now() > end);
  await run('lint', eslint(1));
  const again = await farm.http.get(`/findings/${finding.id}`);
  assert.equal(again.json.finding.state, 'open');
  assert.equal(again.json.history.at(-1).reason, 'the suppression has expired');
  const { days } = (await farm.http.get('/projects/shop/trends?days=1')).json;
  const { opened, closed, suppressed: silenced, unsuppressed, open } = days[0];
  assert.deepEqual([opened, closed, silenced, unsuppressed, open], [3, 2, 1, 1, 1]);
});

test('a test that passed and failed at one commit is flaky', async () => {
  const failed = await run('test', tap(false));
  assert.equal(failed.findings_count, 1);
  const before = await farm.http.get('/projects/shop/tests?flaky=1');
  assert.deepEqual(before.json.tests, []);
  await run('test', tap(true));
  const { json } = await farm.http.get('/projects/shop/tests?flaky=1');
  assert.deepEqual(
    json.tests.map(({ test: name, failures, runs, flaky }: Json) => ({ name, failures, runs, flaky })),
    [{ name: 'adds up', failures: 1, runs: 2, flaky: true }],
  );
});

test('the open findings of a project are valid SARIF with fingerprints', async () => {
  const { json, headers } = await farm.http.get('/projects/shop/findings.sarif');
  assert.match(headers.get('content-type') ?? '', /application\/sarif\+json/);
  assert.equal(json.version, '2.1.0');
  const results = json.runs.flatMap(({ results: one }: Json) => one);
  assert.ok(results.length > 0);
  for (const result of results) assert.match(result.partialFingerprints['craftingTable/v1'], /^[0-9a-f]{32}$/);
});

test('logs that are read again with the same parsers change nothing, and a dry run appends nothing', async () => {
  const standing = async () => {
    const { json } = await farm.http.get('/findings?project=shop&limit=500');
    return json.findings.map(({ identity, state, id }: Json) => [identity, state, id]);
  };
  const before = await standing();
  const seq = async () => Number((await farm.http.get('/projects')).headers.get('x-crafting-seq'));
  const from = await seq();
  const dry = await farm.http.post('/projects/shop/reparse', { dry_run: true });
  assert.equal(dry.status, 200);
  assert.ok(dry.json.jobs.length >= 5);
  assert.deepEqual(
    dry.json.jobs.flatMap(({ appear, go }: Json) => [...appear, ...go]),
    [],
  );
  assert.equal(await seq(), from);
  const { status, json } = await farm.http.post('/projects/shop/reparse', {});
  assert.equal(status, 202);
  const parsed = async () => {
    const { text } = await farm.http.get(`/events?from=${from + 1}`);
    return text.split('\n').filter((line) => line.includes('"FindingsParsed"')).length;
  };
  await until(async () => (await parsed()) === json.jobs.length);
  assert.deepEqual(await standing(), before);
  const { text } = await farm.http.get(`/events?from=${from + 1}`);
  assert.doesNotMatch(text, /"type":"Finding(Detected|Resolved|Reopened)"/);
});

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';

let farm: TestFarm;
let name = '';
let count = 0;

before(async () => {
  farm = await openFarm({ env: { CRAFTING_DIGEST_TIMEZONE: 'UTC' } });
});
after(() => farm?.close());

/** What a tool measured of `src/cart.sh`: the lines that ran, of those that can. */
const info = (ran: readonly number[], all: readonly number[]) =>
  `TN:\nSF:src/cart.sh\n${all.map((line) => `DA:${line},${ran.includes(line) ? 1 : 0}`).join('\n')}\nend_of_record\n`;

const source = (...words: string[]) => words.map((word) => `echo ${word}\n`).join('');

/** Commits the source, and what its tests will say that they cover. */
function commit(words: readonly string[], ran: readonly number[]): string {
  const all = words.map((_, at) => at + 1);
  return commitFiles(farm.repository, { 'src/cart.sh': source(...words), 'measured.txt': info(ran, all) });
}

beforeEach(async () => {
  git(farm.repository, 'checkout', '--quiet', 'main');
  count += 1;
  name = `shop${count}`;
});

async function register(subproject: Json = {}, rest: Json = {}): Promise<void> {
  const own = { path: '.', language: 'shell', test: 'mkdir -p out && cp measured.txt out/lcov.info', ...subproject };
  const body = { git_url: farm.repository, subprojects: [{ coverage: ['out/*.info'], ...own }], ...rest };
  const put = await farm.http('PUT', `/projects/${name}`, { body });
  const { status, text } = put.status === 404 ? await farm.http.post('/projects', { name, ...body }) : put;
  assert.ok(status < 300, text);
}

async function run(ask: Json = {}): Promise<Json> {
  const { json, text } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'test', ...ask });
  assert.ok(json.job_id, text);
  return farm.http.ended(json.job_id);
}

const get = async (path: string) => (await farm.http.get(path)).json;

test('a job shows what its tests cover, and a project how that moves', async () => {
  const first = commit(['a', 'b', 'c', 'd'], [1, 2, 3]);
  await register();
  const job = await run();
  assert.equal(job.status, 'succeeded');
  assert.deepEqual([job.coverage.percent, job.coverage.lines], [75, { covered: 3, total: 4 }]);
  assert.deepEqual([job.coverage.changed, job.coverage.formats, job.coverage.outside], [null, ['lcov'], 0]);

  // Two lines are new, one is another: of these three only one runs.
  const second = commit(['a', 'b', 'C', 'd', 'e', 'f'], [1, 2, 6]);
  const next = await run();
  assert.equal(next.coverage.percent, 50);
  assert.deepEqual(next.coverage.changed, { base: first, covered: 1, total: 3, percent: 33.33 });
  const { coverage } = await get(`/jobs/${next.job_id}/coverage`);
  assert.deepEqual(coverage.files, [{ file: 'src/cart.sh', lines: { covered: 3, total: 6 } }]);
  assert.deepEqual(coverage.changed_files, [
    {
      file: 'src/cart.sh',
      covered: 1,
      total: 3,
      missing: [
        [3, 3],
        [5, 5],
      ],
    },
  ]);

  const project = await get(`/projects/${name}/coverage`);
  assert.deepEqual(project.total, { covered: 3, total: 6, percent: 50 });
  assert.deepEqual(
    project.recipes[0].runs.map((one: Json) => [one.percent, one.sha]),
    [
      [50, second],
      [75, first],
    ],
  );
  const { days } = await get(`/projects/${name}/trends?days=2`);
  assert.deepEqual(days.at(-1).coverage, { covered: 3, total: 6, percent: 50 });
  assert.equal(days[0].coverage, null, 'the day before nothing was measured');
});

test('a branch is compared with where it left the default branch, and does not move its figures', async () => {
  const base = commit(['a', 'b'], [1, 2]);
  await register();
  await run();
  git(farm.repository, 'checkout', '--quiet', '-B', 'topic');
  commit(['a', 'b', 'c', 'd'], [1, 3]);
  git(farm.repository, 'checkout', '--quiet', 'main');
  commit(['a', 'b', 'z'], [1, 2, 3]);
  const job = await run({ branch: 'topic' });
  assert.deepEqual(job.coverage.changed, { base, covered: 1, total: 2, percent: 50 });
  const project = await get(`/projects/${name}/coverage`);
  assert.deepEqual([project.total.percent, project.recipes[0].runs.length], [100, 1]);
});

test('less coverage than a subproject asks for fails its tests, in words', async () => {
  commit(['a', 'b', 'c'], [1]);
  await register({ min_coverage: 60 });
  const job = await run();
  assert.equal(job.status, 'failed');
  const detail = 'tests cover 33.33 % of the lines (1 of 3), and min_coverage asks for 60 %';
  assert.deepEqual(job.failure, { cause: 'code', kind: 'coverage', detail });
  assert.deepEqual([job.exit_code, job.findings_count], [0, 0]);
  commit(['a', 'b', 'c', 'd'], [1, 2, 3]);
  assert.equal((await run()).status, 'succeeded');

  await register({ min_changed_coverage: 80 });
  const sha = git(farm.repository, 'rev-parse', 'HEAD').slice(0, 7);
  commit(['a', 'b', 'c', 'd', 'e'], [1, 2, 3]);
  const changed = await run();
  assert.equal(
    changed.failure.detail,
    `tests cover 0 % of the lines changed since ${sha} (0 of 1), and min_changed_coverage asks for 80 %`,
  );

  await register({ min_coverage: 60, test: 'true' });
  const nothing = await run();
  assert.equal(nothing.failure.detail, 'no coverage was measured, and min_coverage asks for 60 %');
  await register({ min_coverage: 60, test: 'mkdir -p out && head -c 20 measured.txt > out/lcov.info' });
  assert.equal((await run()).status, 'failed', 'a report that is cut off measures nothing');
  await register({ test: 'mkdir -p out && head -c 20 measured.txt > out/lcov.info' });
  const silent = await run();
  assert.deepEqual([silent.status, silent.coverage], ['succeeded', null]);
  assert.match(silent.problems.join(), /^out\/lcov\.info: the coverage report \(lcov\) .*: the run has no coverage$/);
});

test('tests of result files have suites, times and those that passed when tried again', async () => {
  const junit =
    '<testsuites><testsuite name="cart" file="test/cart.sh">' +
    '<testcase classname="cart" name="adds" time="1.5"/><testcase classname="cart" name="counts" time="0.25"><skipped/></testcase>' +
    '<testcase classname="cart" name="waits" time="0.5"><flakyFailure message="too slow"/></testcase></testsuite>' +
    '<testsuite name="till"><testcase classname="till" name="sums" time="2"/></testsuite></testsuites>';
  commitFiles(farm.repository, { 'junit.txt': junit });
  await register({ test: 'mkdir -p out && cp junit.txt out/TEST-a.xml', reports: ['out/*.xml'] });
  const job = await run();
  assert.deepEqual([job.status, job.findings_count], ['succeeded', 0]);
  assert.deepEqual(job.tests, { executed: 3, passed: 3, failed: 0, skipped: 1 });
  const { tests } = await get(`/jobs/${job.job_id}/tests`);
  assert.deepEqual([tests.executed, tests.skipped, tests.flaky, tests.duration_ms], [3, 1, 1, 4250]);
  assert.deepEqual(
    tests.suites.map((one: Json) => [one.name, one.executed, one.duration_ms]),
    [
      ['cart', 2, 2250],
      ['till', 1, 2000],
    ],
  );
  assert.deepEqual(
    tests.slowest.map((one: Json) => [one.name, one.duration_ms]),
    [
      ['sums', 2000],
      ['adds', 1500],
      ['waits', 500],
    ],
  );
  assert.deepEqual(tests.flaky_tests, [{ suite: 'cart', name: 'waits', file: 'test/cart.sh', attempts: 2 }]);
  const flaky = await get(`/projects/${name}/tests?flaky=1`);
  assert.deepEqual(
    flaky.tests.map((one: Json) => [one.test, one.flaky, one.retried, one.failures]),
    [['cart > waits', true, 1, 0]],
  );
  const { days } = await get(`/projects/${name}/trends?days=1`);
  assert.deepEqual(days[0].tests, { executed: 3, failed: 0, skipped: 1, flaky: 1, duration_ms: 4250 });
  const none = await farm.http.get(`/jobs/${job.job_id}/coverage`);
  assert.deepEqual([none.status, none.json.code], [404, 'no_coverage']);
});

test('a reading of the stored log measures again, and a moved subproject keeps its figures', async () => {
  commit(['a', 'b'], [1]);
  await register();
  const job = await run();
  const { json } = await farm.http.post(`/projects/${name}/reparse`, {});
  assert.equal(json.jobs.length, 1);
  await farm.http.ended(job.job_id);
  assert.equal((await get(`/jobs/${job.job_id}`)).job.coverage.percent, 50);
  assert.equal((await get(`/projects/${name}/coverage`)).recipes[0].runs.length, 1);
});

test('wrong globs and figures are refused where they stand', async () => {
  const subproject = { path: '.', language: 'shell', test: 'true' };
  const fault = async (more: Json) => {
    const { status, json } = await farm.http.post('/projects', {
      name: `${name}-wrong`,
      git_url: farm.repository,
      subprojects: [{ ...subproject, ...more }],
    });
    assert.equal(status, 400, JSON.stringify(json));
    return JSON.stringify(json);
  };
  assert.match(await fault({ coverage: ['../x.info'] }), /subprojects\/0\/coverage\/0/);
  assert.match(await fault({ min_coverage: 101 }), /subprojects\/0\/min_coverage/);
});

test('the digest says that coverage moved, and is silent where it did not', async () => {
  commit(['a', 'b', 'c', 'd'], [1, 2, 3]);
  await register({}, { notify: { email: 'team@example.org', on: ['nightly_summary'] } });
  await run();
  const preview = async () => {
    const { mails } = (await farm.http.post('/admin/digest/run-now', { dry_run: true })).json;
    return mails.map((mail: Json) => mail.text ?? JSON.stringify(mail)).join('\n');
  };
  assert.doesNotMatch(await preview(), /coverage \d/);
  await run();
  assert.doesNotMatch(await preview(), /coverage \d/, 'it did not move');
  commit(['a', 'b', 'c', 'd'], [1, 2]);
  await run();
  assert.match(await preview(), /coverage 50\.0 % \(-25\.0\)/);
});

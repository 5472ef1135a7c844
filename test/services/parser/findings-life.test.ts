import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, git, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { linter } from '../../support/tiny-linter.ts';
import { twice } from '../../support/twice.ts';

const filler = Array.from({ length: 30 }, (_, n) => `const line${n} = ${n};`).join('\n');
const files = { 'lint.pl': linter, 'src/a.js': `${filler}\nbad(1);\nbad(2);\n`, 'src/b.js': 'bad(3);\nbad(3);\n' };
const lint = { path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' };

let farm: TestFarm;
let repository = '';
let name = '';
let count = 0;

before(async () => {
  farm = await openFarm({ parts: { consumer: twice } });
});
after(() => farm.close());
beforeEach(async () => {
  count += 1;
  name = `shop-${count}`;
  repository = makeRepository(join(farm.dir, name), files);
  await register(lint);
});

async function register(subproject: Record<string, unknown>): Promise<void> {
  const document = { name, git_url: repository, subprojects: [subproject] };
  const known = (await farm.http.get(`/projects/${name}`)).status === 200;
  const answer = known
    ? await farm.http('PUT', `/projects/${name}`, { body: document })
    : await farm.http.post('/projects', document);
  assert.ok(answer.status < 300, answer.text);
}

async function run(more: Record<string, unknown> = {}): Promise<Json> {
  const { json } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint', ...more });
  return farm.http.ended(json.job_id);
}

async function findings(state?: string): Promise<Json[]> {
  const { json } = await farm.http.get(`/findings?project=${name}${state ? `&state=${state}` : ''}`);
  return json.findings.sort((a: Json, b: Json) => a.id - b.id);
}

const placesOf = (found: Json[]) => found.map(({ file, line }) => `${file}:${line}`).sort();
const identitiesOf = (found: Json[]) => found.map(({ identity }) => identity).sort();

function write(changed: Record<string, string>): void {
  commitFiles(repository, changed);
}

test('a first run draws the line from which new counts, and the same run again finds the same and nothing new', async () => {
  const first = await run();
  assert.deepEqual([first.findings_count, first.new_findings_count, first.baseline_findings_count], [4, 0, 4]);
  assert.equal(first.status, 'succeeded', 'a linter that shows what is known does its work');
  const before = await findings('open');
  assert.deepEqual(placesOf(before), ['src/a.js:31', 'src/a.js:32', 'src/b.js:1', 'src/b.js:2']);
  assert.equal(new Set(identitiesOf(before)).size, 4, 'two equal lines are two findings');
  const second = await run();
  assert.deepEqual([second.findings_count, second.new_findings_count, second.resolved_findings_count], [4, 0, 0]);
  assert.deepEqual(identitiesOf(await findings('open')), identitiesOf(before));
});

test('lines inserted above, and other lines reformatted, leave every finding the same', async () => {
  await run();
  const before = await findings();
  write({ 'src/a.js': `// new\n// lines\n${filler.replaceAll(' = ', '  =  ')}\n    bad(1);\nbad(2);\n` });
  const job = await run();
  assert.deepEqual([job.new_findings_count, job.resolved_findings_count], [0, 0]);
  const now = await findings();
  assert.deepEqual(identitiesOf(now), identitiesOf(before));
  assert.ok(placesOf(now).includes('src/a.js:33'));
});

test('a line with another meaning is another finding, and the old one is closed', async () => {
  await run();
  write({ 'src/a.js': `${filler}\nbad(1);\nbad(200);\n` });
  const job = await run();
  assert.deepEqual([job.new_findings_count, job.resolved_findings_count], [1, 1]);
});

test('a file that moves keeps its findings, also over two moves and a file that takes its old place', async () => {
  await run();
  const before = await findings();
  const move = (from: string, to: string) => {
    mkdirSync(dirname(join(repository, to)), { recursive: true });
    renameSync(join(repository, from), join(repository, to));
  };
  move('src/a.js', 'src/deep/renamed.js');
  write({});
  const first = await run();
  assert.deepEqual([first.new_findings_count, first.resolved_findings_count], [0, 0]);
  assert.deepEqual(identitiesOf(await findings('open')), identitiesOf(before));
  assert.ok(placesOf(await findings()).includes('src/deep/renamed.js:31'));
  move('src/deep/renamed.js', 'src/again.js');
  write({ 'src/a.js': 'bad(1);\n' });
  const second = await run();
  assert.deepEqual([second.new_findings_count, second.resolved_findings_count], [1, 0]);
  const third = await run();
  assert.deepEqual([third.new_findings_count, third.resolved_findings_count], [0, 0]);
});

test('what was mended is closed, and what comes back is reopened under its old id', async () => {
  await run();
  const [first] = await findings();
  write({ 'src/a.js': `${filler}\ngood(1);\nbad(2);\n` });
  assert.equal((await run()).resolved_findings_count, 1);
  assert.deepEqual(
    (await findings('resolved')).map(({ id }) => id),
    [first.id],
  );
  write({ 'src/a.js': `${filler}\nbad(1);\nbad(2);\n` });
  assert.equal((await run()).new_findings_count, 0);
  assert.equal((await findings('open')).length, 4);
  const { json } = await farm.http.get(`/findings/${first.id}`);
  assert.deepEqual(
    json.history.map(({ type }: Json) => type),
    ['FindingDetected', 'FindingResolved', 'FindingReopened'],
  );
  assert.deepEqual(json.finding.why_identity, {
    parts: { tool: 'eslint', code: 'no-bad', path: 'src/a.js', line: 'bad(1);' },
    ordinal: 0,
  });
});

const losses: Record<
  string,
  { lint?: Record<string, unknown>; files?: Record<string, string>; ask?: Record<string, unknown> }
> = {
  'the tool crashes': { lint: { lint: 'node -e "throw 1" # eslint' } },
  'the tool prints nothing': { lint: { lint: 'true # eslint -f json' } },
  'the output is cut': { lint: { env: { CUT: '1' } } },
  'the tool is missing': { lint: { lint: 'eslint-is-not-here -f json' } },
  'the rule is switched off': { files: { 'eslint.config.js': 'off' } },
  'the finding is silenced in the source': {
    files: { 'src/a.js': `${filler}\nbad(1); // eslint-disable-line\nbad(2); // eslint-disable-line\n` },
  },
  'only a part is looked at': { lint: { lint: 'rm -r src/a.js src/b.js && perl lint.pl # eslint -f json' } },
  'the recipe does not end in time': { lint: { lint: 'sleep 3000 # eslint', timeout_secs: 1 } },
  'the signal of somebody kills it': { lint: { lint: 'kill -9 $$ # eslint' } },
  'an error document is printed': { lint: { lint: 'echo Oops: no config >&2; exit 2 # eslint -f json' } },
  'the log is binary': { lint: { lint: 'head -c 4000 /dev/urandom # eslint' } },
  'another tool prints its findings': { lint: { lint: 'echo [] # ruff check --output-format=json' } },
};

for (const [how, { lint: changed = {}, files: written, ask = {} }] of Object.entries(losses)) {
  test(`nothing is closed when ${how}`, async () => {
    await run();
    if (written) write(written);
    await register({ ...lint, ...changed });
    const job = await run(ask);
    assert.equal(job.resolved_findings_count, 0);
    assert.ok(job.not_observed, 'the job says why');
    assert.equal((await findings('open')).filter(({ kind }) => kind === 'lint').length, 4);
  });
}

test('another branch and another recipe close nothing, and what only a branch shows is not open', async () => {
  await run();
  git(repository, 'checkout', '--quiet', '-b', 'topic');
  write({ 'src/a.js': 'bad(9);\n' });
  const branch = await run({ branch: 'topic' });
  assert.deepEqual([branch.new_findings_count, branch.resolved_findings_count], [1, 0]);
  assert.equal((await findings('open')).length, 4);
  assert.deepEqual(placesOf(await findings('not_observed')), ['src/a.js:1']);
  git(repository, 'checkout', '--quiet', 'main');
  await register({ ...lint, build: 'echo [] # eslint -f json' });
  const build = await run({ recipe: 'build' });
  assert.equal(build.resolved_findings_count, 0);
  assert.equal((await findings('open')).length, 4);
});

test('a cancelled run closes nothing', async () => {
  await run();
  await register({ ...lint, lint: 'perl lint.pl; sleep 3000 # eslint' });
  const { json } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint' });
  await farm.http.post(`/jobs/${json.job_id}/cancel`);
  const job = await farm.http.ended(json.job_id);
  assert.deepEqual([job.status, job.resolved_findings_count], ['cancelled', 0]);
  assert.equal((await findings('open')).length, 4);
});

test('result files are read like the log, and never through a link out of the repository', async () => {
  const junit =
    '<testsuite name="s"><testcase classname="Cart" name="adds"><failure message="1 is not 2"/></testcase></testsuite>';
  await register({
    ...lint,
    test: `mkdir -p out && echo '${junit}' > out/TEST-a.xml && ln -s /etc/passwd out/TEST-b.xml; exit 1`,
    reports: ['**/TEST-*.xml'],
  });
  const job = await run({ recipe: 'test' });
  const { json } = await farm.http.get(`/jobs/${job.job_id}/findings`);
  assert.deepEqual(
    json.findings.map(({ kind, tool }: Json) => [kind, tool]).filter(([kind]: string[]) => kind === 'test_fail'),
    [['test_fail', 'junit']],
  );
  const log = await farm.http.get(`/jobs/${job.job_id}/log`);
  assert.match(log.text, /TEST-b\.xml is left out/);
  assert.doesNotMatch(log.text, /root:/);
});

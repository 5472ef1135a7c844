import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { projections } from '../../../projections/registry.ts';
import { checkBackup } from '../../../services/backup/check-backup.ts';
import { backup } from '../../../services/cli/offline/backup.ts';
import { restore } from '../../../services/cli/offline/restore.ts';
import { silent } from '../../../services/io/log.ts';
import { checksumsOf } from '../../../services/io/read-store.ts';
import { start } from '../../../services/start.ts';
import { openFarm, startIn, type TestFarm, testConfig } from '../../support/farm.ts';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { paced } from '../../support/pace.ts';
import { forgeToken, openPatchParts, type PatchParts } from '../../support/patch-parts.ts';
import { until } from '../../support/until.ts';

const files = { 'lint.pl': mendingLinter(), 'src/a.js': 'const a = "bad";\nconst c = "worse";\n' };
const hold = join(mkdtempSync(join(tmpdir(), 'ct-hold-')), 'hold');
// The proof of a patch runs it, too: it stands still only where it is told.
const held = `[ ! -e ${hold} ] || sleep 3000`;
const subprojects = [
  { path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json', test: held, build: 'true' },
];
const leaseTimes = { renewMs: 200, lostAfterMs: paced(1_500) };
const stray = 'crafting-table/auto/stray';

let parts: PatchParts;
let farm: TestFarm;
let again: Awaited<ReturnType<typeof startIn>>;
let env: Record<string, string>;
let tar: string;
let linted: string;
let running: string;
let attempt: Json;
let secretAt: string;
let asked: string[];
/** Larger than one message of the server. */
const leftWords = 'what a bottle left '.repeat(60_000);
let left: string;
let known: { events: string; answers: string[]; sums: Record<string, string>; seq: number };

const answersOf = (http: TestFarm['http']) =>
  Promise.all(asked.map(async (path) => (await http.get(path)).text.replaceAll(/"next_cursor":"[^"]*"/g, '')));
const eventsOf = async (http: TestFarm['http'], last: number) =>
  (await http.get('/events')).text.split('\n').slice(0, last).join('\n');

/** A farm with findings, a pull request and a job that runs; a backup of it, and then the outside goes on without it. */
before(async () => {
  parts = await openPatchParts({ files });
  farm = await openFarm({ env: parts.env, parts: { leaseTimes } });
  const { http } = farm;
  assert.equal((await http.post('/projects', { name: 'p', git_url: parts.gitUrl, subprojects })).status, 201);
  linted = (await http.post('/projects/p/jobs', { recipe: 'lint' })).json.job_id;
  await http.ended(linted);
  const { findings } = (await http.get(`/jobs/${linted}/findings`)).json;
  const finding = findings.find((one: Json) => one.code === 'no-bad');
  attempt = (await http.post(`/jobs/${linted}/patches?wait=300`, { finding_id: finding.id })).json.attempt;
  assert.equal(attempt.status, 'pr_opened');
  const gone = await farm.store.bottles.put(Buffer.from('removed again'));
  left = await farm.store.bottles.put(Buffer.from(leftWords));
  await farm.store.bottles.remove(gone);
  writeFileSync(hold, '');
  running = (await http.post('/projects/p/jobs', { recipe: 'test' })).json.job_id;
  // The last that it says before its command ends.
  const prepared = await until(() => farm.store.log.last('WorkspacePrepared', running));
  await until(() => (farm.models?.seq() ?? 0) >= prepared.seq);
  asked = [
    `/jobs/${linted}`,
    `/jobs/${linted}/findings`,
    `/findings/${finding.id}`,
    `/patches/${attempt.id}`,
    '/jobs',
    '/projects/p',
  ];
  tar = join(farm.dir, 'farm.tar');
  const told: string[] = [];
  const near = { CRAFTING_DATA_DIR: farm.dataDir };
  assert.equal(await backup(near, { file: tar, withLogs: true }, (line) => told.push(line)), 0);
  // The project’s and the key that signs what the farm states.
  assert.match(told.join('\n'), /, 2 secrets \(sealed\), logs; .* read back and checked\nKeep the key apart from it/);
  const { last_seq } = await checkBackup(tar);
  assert.equal(farm.models?.seq(), last_seq);
  known = {
    seq: last_seq,
    events: await eventsOf(http, last_seq),
    answers: await answersOf(http),
    sums: await checksumsOf(join(farm.dataDir, 'read-model.db'), projections),
  };
  // What happens after the backup, of which the restored log knows nothing.
  await http.post('/projects', { name: 'later', git_url: farm.repository, subprojects });
  await http.ended((await http.post('/projects/later/jobs', { recipe: 'build' })).json.job_id);
  secretAt = join(farm.dataDir, 'secret.key');
  await farm.stop();
  git(parts.bare, 'branch', stray, 'main');
  const [pull] = parts.forge.pulls;
  assert.ok(pull);
  pull.state = 'closed';
  // Elsewhere: another folder, which finds the work trees of the old one.
  env = { ...parts.env, CRAFTING_WORKSPACE_DIR: join(farm.dataDir, 'workspace') };
});

after(async () => {
  await again?.close();
  await farm?.close();
  await parts?.close();
  rmSync(dirname(hold), { recursive: true, force: true });
});

const elsewhere = () => join(farm.dir, 'elsewhere');

test('a restore needs the key of the farm that made the backup', async () => {
  const target = { CRAFTING_DATA_DIR: join(elsewhere(), 'data') };
  await assert.rejects(
    restore(target, { file: tar }, () => {}),
    /The key of the farm .* is needed: --key FILE/,
  );
  assert.equal(existsSync(elsewhere()), false);
});

test('the read models of a restored log equal those of its source, table by table', async () => {
  const said: string[] = [];
  const target = { CRAFTING_DATA_DIR: join(elsewhere(), 'data') };
  assert.equal(await restore(target, { file: tar, key: secretAt, json: true }, (line) => said.push(line)), 0);
  assert.equal(JSON.parse(said[0] ?? '').last_seq, known.seq);
  const projector = await start({ ...testConfig(elsewhere()), roles: ['projector'] }, silent);
  try {
    assert.equal(projector.models?.seq(), known.seq);
    assert.deepEqual(await checksumsOf(join(elsewhere(), 'data', 'read-model.db'), projections), known.sums);
  } finally {
    await projector.close();
  }
});

test('a restored farm answers as its source did, with the same events, times and logs', async () => {
  again = await startIn(elsewhere(), env, { leaseTimes });
  assert.equal(await eventsOf(again.http, known.seq), known.events);
  const [, ...unmoved] = await answersOf(again.http);
  assert.deepEqual(unmoved.slice(0, 3), known.answers.slice(1, 4));
  assert.equal(unmoved.at(-1), known.answers.at(-1));
  const { job, log_tail } = (await again.http.get(`/jobs/${linted}`)).json;
  assert.deepEqual(
    { job, log_tail },
    { job: JSON.parse(known.answers[0] ?? '').job, log_tail: JSON.parse(known.answers[0] ?? '').log_tail },
  );
  assert.notEqual(again.admin, farm.admin);
});

test('a job that ran when the backup was made is orphaned', async () => {
  const job = await again.http.ended(running);
  assert.deepEqual([job.status, job.reason, job.exit_code], ['failed', 'orphaned', -1]);
});

test('a restored log refuses a second end of a job', async () => {
  const { log } = again.store;
  const first = await log.last('RecipeExited', linted);
  assert.ok(first && first.seq <= known.seq);
  const draft = { type: 'RecipeExited', id: linted, data: first.data } as const;
  await assert.rejects(log.append(draft, { expect: 0 }), { code: 'conflict' });
  const twice = await log.append(draft, { eventId: first.eventId });
  assert.deepEqual([twice.seq, twice.duplicate], [first.seq, true]);
});

test('what bottles left is in the backup, sealed, and can be read in the restored farm', async () => {
  assert.deepEqual(await again.store.bottles.get(left), Buffer.from(leftWords));
  assert.ok(!readFileSync(tar).includes(leftWords));
  assert.equal((await checkBackup(tar)).format, 2);
});

test('a sealed credential still opens the repository', async () => {
  const { job_id } = (await again.http.post('/projects/p/jobs', { recipe: 'lint' })).json;
  assert.equal((await again.http.ended(job_id)).reason, 'exited');
  assert.ok(!readFileSync(tar).includes(forgeToken));
});

test('the first start compares what lies outside with the log and says so until it was seen', async () => {
  const file = join(elsewhere(), 'data', 'restore-report.json');
  await until(() => existsSync(file));
  const report = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(report.differences.map(({ what, expected, found }: Json) => [what, expected, found]).sort(), [
    ['branch', 'no such branch', git(parts.bare, 'rev-parse', 'main')],
    ['pull_request', 'open', 'closed'],
    ['work_tree', 'no project uses this repository', 'a mirror with 1 work trees'],
  ]);
  assert.match(JSON.stringify(report.differences), new RegExp(`p: ${stray}`));
  assert.equal(existsSync(join(elsewhere(), 'data', 'restored.json')), false);
  const said = async () => (await again.http.get('/readyz')).json.checks.find((one: Json) => one.name === 'restore');
  assert.match((await said()).detail, /3 differences outside/);
  const { json, status } = await again.http.post('/admin/compare');
  assert.equal(status, 200);
  assert.deepEqual(json.differences, report.differences);
  assert.equal(await said(), undefined);
  assert.equal((await again.http.get(`/patches/${attempt.id}`)).json.attempt.status, 'pr_opened');
});

test('a branch that is gone, moved or not answering is a difference', async () => {
  git(parts.bare, 'branch', '--force', attempt.branch, 'main');
  git(parts.bare, 'branch', '-D', stray);
  const moved = (await again.http.post('/admin/compare')).json.differences;
  assert.deepEqual(
    moved.filter((one: Json) => one.what === 'branch').map(({ expected, found }: Json) => [expected, found]),
    [[attempt.commit, git(parts.bare, 'rev-parse', 'main')]],
  );
  await parts.forge.stop();
  const [first] = (await again.http.post('/admin/compare')).json.differences.filter(
    (one: Json) => one.what === 'not_compared',
  );
  assert.equal(first.id, parts.gitUrl.replace(/\/\/.*@/, '//'));
  assert.ok(!JSON.stringify(first).includes(forgeToken));
});

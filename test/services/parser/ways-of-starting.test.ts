import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { type MovedClock, movedClock } from '../../support/moved-clock.ts';
import { openPatchParts, type PatchParts } from '../../support/patch-parts.ts';
import { linter } from '../../support/tiny-linter.ts';
import { until } from '../../support/until.ts';

const minute = 60_000;

let parts: PatchParts;
let farm: TestFarm;
let clock: MovedClock;
let name = '';
let broken = '';
let go = '';

before(async () => {
  parts = await openPatchParts({ files: { 'lint.pl': linter, 'src/a.js': 'bad(1);\n' } });
  clock = movedClock(new Date().toISOString());
  const env = { ...parts.env, CRAFTING_DIGEST_TIMEZONE: 'UTC', CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8' };
  farm = await openFarm({ env, parts: { clock } });
  broken = join(farm.dir, 'broken');
  go = join(farm.dir, 'go');
});
after(async () => {
  await farm?.close();
  await parts?.close();
});

function push(files: Record<string, string>): string {
  const sha = commitFiles(parts.work, files);
  git(parts.work, 'push', '--quiet', 'origin', 'HEAD:main');
  return sha;
}

async function later(ms: number): Promise<void> {
  // Events carry the time of the machine, which goes on meanwhile.
  clock.set(new Date(Math.max(clock.now(), Date.now()) + ms).toISOString());
  await clock.beat();
}

async function jobs(): Promise<Json[]> {
  return (await farm.http.get(`/jobs?project=${name}`)).json.jobs;
}

async function findings(): Promise<Record<string, string>> {
  const { json } = await farm.http.get(`/findings?project=${name}&kind=lint`);
  return Object.fromEntries(json.findings.map(({ file, state }: Json) => [file, state]));
}

/** The job that some act brings about, when it has ended. */
async function jobAfter(act: () => Promise<unknown>): Promise<Json> {
  const known = new Set((await jobs()).map(({ job_id }) => job_id));
  await act();
  const fresh = await until(async () => (await jobs()).find(({ job_id }) => !known.has(job_id)));
  return farm.http.ended(fresh.job_id);
}

const hand = (more: Json = {}) =>
  jobAfter(async () => {
    const { status, text } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint', ...more });
    assert.equal(status, 202, text);
  });

async function tellOfPush(): Promise<void> {
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    after: git(parts.work, 'rev-parse', 'HEAD'),
    repository: { full_name: 'acme/app', clone_url: `${parts.forge.url}/acme/app.git` },
  });
  const secret = parts.env['CRAFTING_FORGE_WEBHOOK_SECRET'] ?? '';
  const headers = {
    'x-gitea-event': 'push',
    'x-gitea-delivery': crypto.randomUUID(),
    'x-gitea-signature': createHmac('sha256', secret).update(body).digest('hex'),
  };
  assert.equal((await farm.http.post('/forge/webhook', body, { bearer: null, headers })).status, 202);
}

/** The tool dies once on the commit, and then the same job is run again. */
async function rerun(): Promise<Json> {
  writeFileSync(broken, '');
  const crashed = await hand();
  rmSync(broken);
  assert.equal(crashed.resolved_findings_count, 0);
  return jobAfter(async () => void (await farm.http.post(`/jobs/${crashed.job_id}/rerun`)));
}

async function register(as: string, more: Json = {}): Promise<void> {
  name = as;
  const command = `if [ -e ${broken} ]; then exit 3; fi
    if grep -q slow src/a.js; then while [ ! -e ${go} ]; do sleep 0.05; done; fi
    perl lint.pl # eslint -f json`;
  const registered = await farm.http.post('/projects', {
    name,
    git_url: parts.gitUrl,
    subprojects: [{ path: '.', language: 'javascript', lint: command }],
    notify: { commit_status: true, email: ['team@example.org'], on: ['nightly_summary'] },
    ...more,
  });
  assert.equal(registered.status, 201, registered.text);
  await clock.beat();
}

const ways: Record<string, { schedule?: Json; start: () => Promise<Json>; crashes?: number }> = {
  'by hand': { start: () => hand() },
  'by hand at the commit of the branch': { start: () => hand({ sha: git(parts.work, 'rev-parse', 'HEAD') }) },
  'at a time': { schedule: { lint: '* * * * *', jitter_secs: 0 }, start: () => jobAfter(() => later(2 * minute)) },
  'by a poll': { schedule: { poll: 1, on_push: ['lint'] }, start: () => jobAfter(() => later(minute)) },
  'by a push that a forge tells of': { schedule: { on_push: ['lint'] }, start: () => jobAfter(tellOfPush) },
  'by a rerun': { start: rerun, crashes: 1 },
};

for (const [how, { schedule = {}, start, crashes = 0 }] of Object.entries(ways)) {
  test(`a commit opens and closes findings when its job is started ${how}`, async () => {
    push({ 'src/a.js': 'bad(1);\n', 'src/b.js': 'good(1);\n', 'src/c.js': `bad(3); // ${how}\n` });
    await register(`web-${Object.keys(ways).indexOf(how)}`, { schedule });
    await hand();
    assert.deepEqual(await findings(), { 'src/a.js': 'open', 'src/c.js': 'open' });

    const sha = push({ 'src/a.js': 'good(1);\n', 'src/b.js': 'bad(2);\n' });
    const job = await start();
    assert.deepEqual(
      [job.sha, job.on_default_branch, job.not_observed, job.new_findings_count, job.resolved_findings_count],
      [sha, true, null, 1, 1 + crashes],
    );
    assert.deepEqual(await findings(), { 'src/a.js': 'resolved', 'src/b.js': 'open', 'src/c.js': 'open' });
    const { days } = (await farm.http.get(`/projects/${name}/trends`)).json;
    const sum = (word: string) => days.reduce((total: number, day: Json) => total + day[word], 0);
    assert.deepEqual([sum('opened'), sum('closed')], [3 + crashes, 1 + crashes]);
    const { mails } = (await farm.http.post('/admin/digest/run-now', { dry_run: true })).json;
    const section = mails[0].text.split(`${name}\n=`)[1].split('\n=')[0];
    assert.match(section, /NEW \(1 entry\)[\s\S]*src\/b\.js[\s\S]*FIXED \(1 entry\)[\s\S]*src\/a\.js/);
    await until(async () => {
      await clock.beat();
      return parts.forge.statuses.some((one) => one.sha === sha && /1 new, [12] fixed/.test(one.description ?? ''));
    });

    const again = await hand();
    assert.deepEqual([again.new_findings_count, again.resolved_findings_count], [0, 0], 'and all of it was used once');
  });
}

test('a run of an older commit changes nothing, whenever it ends and whoever asked for it', async () => {
  const slow = push({ 'src/a.js': 'bad(1); // slow\n', 'src/b.js': 'bad(2);\n', 'src/c.js': 'good(3);\n' });
  await register('late', { schedule: { poll: 1, on_push: ['lint'] } });
  const { json } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint' });
  await until(async () => (await farm.http.get(`/jobs/${json.job_id}`)).json.job.sha === slow);
  push({ 'src/a.js': 'bad(10);\n', 'src/b.js': 'good(2);\n' });
  const newer = await jobAfter(() => later(minute));
  assert.deepEqual(await findings(), { 'src/a.js': 'open' });
  writeFileSync(go, '');
  const late = await farm.http.ended(json.job_id);
  const untouched = (job: Json) =>
    assert.deepEqual(
      [job.on_default_branch, job.new_findings_count, job.resolved_findings_count, job.not_observed],
      [false, 0, 0, 'a run on a newer commit has said what is there'],
    );
  untouched(late);
  const open = async () => (await farm.http.get(`/findings?project=${name}&state=open`)).json.findings;
  assert.deepEqual(
    (await open()).map(({ file, line }: Json) => [file, line]),
    [['src/a.js', 1]],
  );
  untouched(await jobAfter(async () => void (await farm.http.post(`/jobs/${late.job_id}/rerun`))));
  untouched(await hand({ sha: slow }));
  assert.equal((await open())[0].last_seen_job, newer.job_id);
});

test('a branch that is rewritten is followed, and what was thrown away says nothing any more', async () => {
  const before = git(parts.work, 'rev-parse', 'HEAD');
  await register('rewritten', { schedule: { poll: 1, on_push: ['lint'] } });
  push({ 'src/a.js': 'good(1);\n', 'src/d.js': 'bad(4);\n' });
  const thrownAway = await jobAfter(() => later(minute));
  assert.deepEqual(await findings(), { 'src/d.js': 'open' });
  git(parts.work, 'reset', '--quiet', '--hard', before);
  commitFiles(parts.work, { 'src/e.js': 'bad(5);\n' });
  git(parts.work, 'push', '--quiet', '--force', 'origin', 'HEAD:main');
  const now = await jobAfter(() => later(minute));
  assert.equal(now.not_observed, null);
  const expected = { 'src/a.js': 'open', 'src/d.js': 'resolved', 'src/e.js': 'open' };
  assert.deepEqual(await findings(), expected);
  const again = await jobAfter(async () => void (await farm.http.post(`/jobs/${thrownAway.job_id}/rerun`)));
  assert.equal(again.not_observed, 'its commit is not on main');
  assert.deepEqual(await findings(), expected);
});

test('a branch that is put back to an older commit is followed, and what it left says nothing any more', async () => {
  const before = push({ 'src/a.js': 'bad(1);\n', 'src/d.js': 'good(4);\n', 'src/e.js': 'good(5); // put back\n' });
  await register('put-back', { schedule: { poll: 1, on_push: ['lint'] } });
  await hand();
  assert.deepEqual(await findings(), { 'src/a.js': 'open' });
  const left = push({ 'src/a.js': 'good(1);\n', 'src/d.js': 'bad(4);\n' });
  const thrownAway = await jobAfter(() => later(minute));
  assert.deepEqual(await findings(), { 'src/a.js': 'resolved', 'src/d.js': 'open' });
  git(parts.work, 'reset', '--quiet', '--hard', before);
  git(parts.work, 'push', '--quiet', '--force', 'origin', 'HEAD:main');
  const now = await jobAfter(() => later(minute));
  assert.deepEqual([now.sha, now.on_default_branch, now.not_observed], [before, true, null]);
  const expected = { 'src/a.js': 'open', 'src/d.js': 'resolved' };
  assert.deepEqual(await findings(), expected);
  const again = await jobAfter(async () => void (await farm.http.post(`/jobs/${thrownAway.job_id}/rerun`)));
  assert.equal(again.not_observed, 'its commit is not on main');
  assert.equal((await hand({ sha: left })).not_observed, 'its commit is not on main');
  assert.deepEqual(await findings(), expected);
  assert.equal((await hand()).on_default_branch, true);
  push({ 'src/a.js': 'good(1);\n' });
  assert.equal((await jobAfter(() => later(minute))).on_default_branch, true);
  assert.deepEqual(await findings(), { 'src/a.js': 'resolved', 'src/d.js': 'resolved' });
  push({ 'src/a.js': 'bad(1);\n' });
});

test('an old commit that somebody asks for is not taken for the branch where nothing was proven yet', async () => {
  const old = git(parts.work, 'rev-parse', 'HEAD');
  push({ 'src/a.js': 'good(1);\n' });
  await register('old');
  assert.equal((await hand({ sha: old })).not_observed, 'its commit is not the newest on main');
  assert.equal((await findings())['src/a.js'], 'not_observed');
});

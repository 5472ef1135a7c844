import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { type MovedClock, movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import { enqueue, register } from '../api/registered.ts';
import { env } from './scheduled-farm.ts';

const minute = 60_000;

let farm: TestFarm;
let clock: MovedClock;

before(async () => {
  clock = movedClock(new Date().toISOString());
  farm = await openFarm({ env, parts: { clock } });
});
after(() => farm?.close());

async function jobs(name: string): Promise<Json[]> {
  return (await farm.http.get(`/jobs?project=${name}`)).json.jobs;
}

/** Lets the time of a job's next try come, and answers that try when it has ended. */
async function nextTry(name: string, { retry_at }: Json): Promise<Json> {
  const known = (await jobs(name)).length;
  clock.set(new Date(Date.parse(retry_at) - 1).toISOString());
  await clock.beat();
  assert.equal((await jobs(name)).length, known, 'its time has not come');
  clock.set(retry_at);
  await clock.beat();
  await clock.beat();
  const [newest, ...older] = await jobs(name);
  assert.equal(older.length, known, 'one try, however often it is looked');
  return farm.http.ended(newest?.job_id);
}

const run = async (name: string, body: Json) => farm.http.ended((await enqueue(farm, name, body)).job_id);
const openOf = async (name: string) => (await farm.http.get(`/findings?project=${name}`)).json.findings;
const pauseOf = ({ retry_at, finished_at }: Json) => Date.parse(retry_at) - Date.parse(finished_at);

test('a repository that cannot be had is no finding, is tried again at growing pauses, and then works', async () => {
  await register(farm, 'away', { commands: { lint: 'true' } });
  const hidden = join(farm.dir, 'hidden');
  renameSync(farm.repository, hidden);
  const first = await run('away', { recipe: 'lint' });
  assert.deepEqual([first.status, first.failure.cause, first.failure.kind], ['failed', 'environment', 'remote']);
  assert.equal(pauseOf(first), minute);
  const second = await nextTry('away', first);
  assert.deepEqual([second.rerun_of, pauseOf(second)], [first.job_id, 5 * minute]);
  renameSync(hidden, farm.repository);
  const third = await nextTry('away', second);
  assert.deepEqual([third.status, third.failure, third.retry_at], ['succeeded', null, null]);
  assert.deepEqual(await openOf('away'), []);
});

test('a registry that does not answer is no finding, closes nothing, and is given up in the end', async () => {
  const [mark, found] = [join(farm.dir, 'registry-is-away'), join(farm.dir, 'found')];
  const told =
    'npm error code ENOTFOUND\\nnpm error request to https://packages.example.org failed, getaddrinfo ENOTFOUND';
  const lint = `if [ -e ${mark} ]; then printf '${told}\\n' >&2; exit 1; fi; [ ! -e ${found} ] || exit 3`;
  await register(farm, 'registry', { commands: { lint } });
  writeFileSync(found, '');
  assert.equal((await run('registry', { recipe: 'lint' })).failure.cause, 'tool');
  const open = await openOf('registry');
  assert.deepEqual(
    open.map(({ kind, state }: Json) => [kind, state]),
    [['recipe_fail', 'open']],
  );
  writeFileSync(mark, '');
  let job = await run('registry', { recipe: 'lint' });
  assert.deepEqual([job.failure.kind, job.findings_count, job.resolved_findings_count], ['registry', 0, 0]);
  assert.match(job.not_observed, /a package registry or another server did not answer: npm error/);
  const pauses: number[] = [];
  for (; job.retry_at !== null; job = await nextTry('registry', job)) pauses.push(pauseOf(job));
  assert.deepEqual(pauses, [minute, 5 * minute, 25 * minute]);
  assert.deepEqual(await openOf('registry'), open);
  rmSync(mark);
});

test('a branch that is not there is no finding of the project and is not tried again', async () => {
  await register(farm, 'branch', { commands: { lint: 'true' } });
  const job = await run('branch', { recipe: 'lint', branch: 'gone' });
  assert.deepEqual([job.status, job.failure.kind, job.findings_count, job.retry_at], ['failed', 'no_branch', 0, null]);
  assert.match(job.failure.detail, /has no branch "gone"/);
  assert.deepEqual(await openOf('branch'), []);
});

test('whoever runs the same recipe meanwhile takes the place of the next try', async () => {
  await register(farm, 'meanwhile', { commands: { lint: 'true' } });
  const hidden = join(farm.dir, 'hidden');
  renameSync(farm.repository, hidden);
  const { retry_at } = await run('meanwhile', { recipe: 'lint' });
  renameSync(hidden, farm.repository);
  assert.equal((await run('meanwhile', { recipe: 'lint' })).status, 'succeeded');
  clock.set(new Date(Date.parse(retry_at) + 60 * minute).toISOString());
  await clock.beat();
  await until(async () => (await farm.http.get('/status')).status === 200);
  assert.equal((await jobs('meanwhile')).length, 2);
});

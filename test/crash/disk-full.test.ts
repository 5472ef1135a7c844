import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startIn } from '../support/farm.ts';
import { makeRepository } from '../support/git-repository.ts';
import { until } from '../support/until.ts';

const rounds = Number(process.env.CT_DISK_ROUNDS ?? 2);

/** A small file system of the test's own, or why there can be none. */
function tinyDisk(context: TestContext, megabytes = 90): { dir: string } | { why: string } {
  if (process.getuid?.() !== 0) return { why: 'only root may mount a small file system' };
  const dir = mkdtempSync(join(tmpdir(), 'ct-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir], { stdio: 'pipe' });
  } catch {
    rmSync(dir, { recursive: true, force: true });
    return { why: 'this machine lets nobody mount a small file system' };
  }
  context.after(() => {
    execFileSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  return { dir };
}

const free = (dir: string) => {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
};

function fillUp(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(Math.max(0, free(dirname(file)))), { flag: 'a' });
  } catch {
    // Full.
  }
}

test(`a disk that is filled under load ${rounds} times loses nothing that was acknowledged, and needs no restart`, async (context) => {
  const disk = tinyDisk(context);
  if ('why' in disk) return context.skip(disk.why);
  const { dir } = disk;
  const repository = makeRepository(mkdtempSync(join(tmpdir(), 'ct-origin-')));
  context.after(() => rmSync(repository, { recursive: true, force: true }));
  const farm = await startIn(dir, { CRAFTING_SLOTS: '2' });
  context.after(() => farm.close());
  const { http } = farm;
  const command =
    'i=0; while [ $i -lt 2000 ]; do echo "line $i of what is printed here, and a little more"; i=$((i+1)); done';
  const subprojects = [{ path: '.', language: 'sh', test: command }];
  assert.equal((await http.post('/projects', { name: 'shop', git_url: repository, subprojects })).status, 201);
  const acknowledged: string[] = [];
  const refusals = new Set<string>();
  const post = async () => {
    const { status, json } = await http.post('/projects/shop/jobs', { recipe: 'test' });
    if (status === 202) acknowledged.push(json.job_id);
    else refusals.add(`${status} ${json.code}`);
    return status;
  };
  await until(async () => (await post()) === 202);
  for (let count = 0; count < 30; count += 1) await post();
  const fill = join(dir, 'fill');
  for (let round = 0; round < rounds; round += 1) {
    const isFilling = { yes: true };
    const load = (async () => {
      while (isFilling.yes) {
        await post();
        await pause(20);
      }
    })();
    writeFileSync(fill, '');
    // To the last byte, and again: who frees something meanwhile gets no room.
    for (let times = 0; times < 15; times += 1) {
      fillUp(fill);
      await pause(100);
    }
    await until(async () => (await post()) === 503);
    const { status, json } = await http.get('/readyz');
    assert.equal(status, 503);
    assert.match(JSON.stringify(json.checks), /only \d+ MB are free/);
    isFilling.yes = false;
    await load;
    rmSync(fill);
    const freedAt = performance.now();
    await until(async () => (await http.get('/readyz')).status === 200 && (await post()) === 202);
    context.diagnostic(`round ${round}: ready after ${Math.round(performance.now() - freedAt)} ms`);
  }
  for (const id of acknowledged)
    await until(async () => {
      const { status, json } = await http.get(`/jobs/${id}`);
      return status === 200 && ['succeeded', 'failed', 'cancelled'].includes(json.job.status);
    });
  assert.ok(
    [...refusals].some((one) => one === '503 disk_full'),
    [...refusals].join(),
  );
  const { json } = await http.post('/admin/rebuild', { verify: true });
  assert.deepEqual(json.differs, []);
  context.diagnostic(`${acknowledged.length} jobs, refused as ${[...refusals].join(', ')}`);
});

test('a disk that is filled by what jobs print and leave is freed by the farm itself, in words, and jobs go on', async (context) => {
  const disk = tinyDisk(context, 48);
  if ('why' in disk) return context.skip(disk.why);
  const { dir } = disk;
  const repository = makeRepository(mkdtempSync(join(tmpdir(), 'ct-origin-')));
  context.after(() => rmSync(repository, { recursive: true, force: true }));
  const farm = await startIn(dir, { CRAFTING_SLOTS: '2' });
  context.after(() => farm.close());
  const { http } = farm;
  // Some that the farm keeps: downloads of an owner of whom nothing runs, and 3 MB of output a job that no server packs.
  const cache = join(dir, 'data', 'caches', 'owners', 'gone', 'pip');
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'wheel'), Buffer.alloc(8_000_000));
  const test = 'head -c 3750000 /dev/urandom | base64';
  const subprojects = [{ path: '.', language: 'sh', test }];
  assert.equal((await http.post('/projects', { name: 'shop', git_url: repository, subprojects })).status, 201);
  const acknowledged: string[] = [];
  const jobs = 12;
  await until(async () => {
    const { status, json } = await http.post('/projects/shop/jobs', { recipe: 'test' });
    if (status === 202) acknowledged.push(json.job_id);
    if (status === 202) await http.ended(json.job_id);
    return acknowledged.length >= jobs;
  });
  for (const id of acknowledged) assert.equal((await http.get(`/jobs/${id}`)).json.job.status, 'succeeded');
  await until(async () => (await http.get('/readyz')).status === 200);
  const status = (await http.get('/status')).json;
  context.diagnostic(JSON.stringify(status.disk));
  assert.equal(status.no_new_work, null);
  assert.ok(status.disk.free > status.disk.floor && status.disk.freed.bytes > 0);
  assert.match((await http.get('/readyz')).text, /were freed at 2[^"]*of /);
  const metrics = (await http.get('/metrics')).text;
  const freed = (what: string) =>
    Number(new RegExp(`crafting_disk_freed_bytes_total\\{what="${what}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
  assert.ok(freed('dependency caches') >= 8_000_000, metrics);
  // 60 MB were printed, the disk has 48: so much at least of the oldest is gone, and the newest is there.
  assert.ok(freed('job logs') >= 12_000_000, String(freed('job logs')));
  const [first = '', last = ''] = [acknowledged[0], acknowledged.at(-1)];
  assert.equal((await http.get(`/jobs/${first}/log`)).json.code, 'log_expired');
  assert.equal((await http.get(`/jobs/${last}/log`)).text.length, 5_065_790);
  assert.equal(existsSync(join(cache, 'wheel')), false);

  // Somebody else takes the rest and keeps it: the log server stops, and starts in the room that was kept back for it.
  const reserve = join(dir, 'data', 'disk-reserve');
  await until(() => existsSync(reserve));
  const { js } = farm.store.nats;
  await until(async () => {
    if (!existsSync(reserve)) return true;
    if (free(dir) > 0) fillUp(join(dir, 'fill'));
    await js.publish('ct-log.another.stdout', Buffer.alloc(60_000, 'x'), { timeout: 1_000 }).catch(() => {});
    return !existsSync(reserve);
  });
  const ending = await until(async () => {
    const { status, json } = await http.post('/projects/shop/jobs', { recipe: 'test' });
    return status === 202 ? json.job_id : undefined;
  });
  assert.equal((await http.ended(ending)).status, 'succeeded');
});

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { inTempDir } from '../support/farm-parts.ts';
import { until } from '../support/until.ts';
import {
  jobOf,
  postJob,
  processesWith,
  registerProject,
  type Service,
  spawnService,
  startService,
  whenEnded,
} from './service-process.ts';

const marker = () => `ct-crash-${randomInt(1e9)}`;

type Crash = { service: Service; dir: string; data: string; again: () => Promise<Service> };

/** A service on folders of its own, and others on the same data folder; afterwards nothing of them is left. */
function withService(work: (crash: Crash) => Promise<void>): Promise<void> {
  return inTempDir(async (dir) => {
    const data = mkdtempSync(join(dir, 'data-'));
    const services: Service[] = [];
    const again = async () => {
      const service = await startService(data);
      services.push(service);
      return service;
    };
    try {
      await work({ service: await again(), dir, data, again });
    } finally {
      for (const one of services)
        if (one.child.exitCode === null && one.child.signalCode === null) await one.end('SIGTERM');
    }
    await until(() => processesWith(dir).length === 0, `no process is left of ${dir}`);
  });
}

/** The one running job whose recipe has begun: it made this file. */
async function runningJob(service: Service, begun: string): Promise<string> {
  const id = await postJob(service);
  assert.ok(id);
  await until(() => existing(begun), 'the recipe to begin');
  return id;
}

function existing(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false;
  }
}

describe('a farm whose parts are killed', () => {
  it('loses nothing acknowledged and goes on when nats-server is killed under load', () =>
    withService(async ({ service, dir, data }) => {
      const ran = join(dir, 'ran.txt');
      await registerProject(service, dir, `sleep 0.02; echo "$CRAFTING_JOB_ID" >> '${ran}'`);
      const posts: Promise<string | null>[] = [];
      for (let round = 0; round < 2; round += 1) {
        posts.push(...Array.from({ length: 10 }, () => postJob(service)));
        await delay(randomInt(5, 150));
        process.kill(Number(readFileSync(join(data, 'nats', 'server.pid'), 'utf8')), 'SIGKILL');
        await Promise.race(posts);
        await until(() => postJob(service).then((id) => id !== null), 'a post after the kill');
      }
      const acknowledged = (await Promise.all(posts)).filter((id) => id !== null);
      assert.ok(acknowledged.length > 0);
      const jobs = await whenEnded(service, acknowledged);
      assert.deepEqual(new Set(jobs.map(({ status }) => status)), new Set(['succeeded']));
      const lines = readFileSync(ran, 'utf8').split('\n');
      for (const id of acknowledged) assert.equal(lines.filter((line) => line === id).length, 1);
    }));

  it('ends a job as failed with the signal that killed its shell', () =>
    withService(async ({ service, dir }) => {
      const [begun, mark] = [join(dir, 'begun.txt'), marker()];
      await registerProject(service, dir, `: ${mark}; echo begun > '${begun}'; sleep 30; true`);
      const id = await runningJob(service, begun);
      const shell = processesWith(mark).find(({ command }) => /^\S*sh -c/.test(command));
      assert.ok(shell);
      process.kill(shell.pid, 'SIGKILL');
      const [job] = await whenEnded(service, [id]);
      assert.deepEqual(
        { status: job?.status, reason: job?.reason, exit_code: job?.exit_code, signal: job?.signal },
        { status: 'failed', reason: 'exited', exit_code: null, signal: 'SIGKILL' },
      );
      await until(() => processesWith(mark).length === 0, 'its sleep is gone, too');
    }));

  it('starts no second service on one data folder, and says which process has it', () =>
    withService(async ({ service, data }) => {
      const second = spawnService(data);
      const [code] = await once(second.child, 'exit');
      assert.equal(code, 5);
      assert.ok(second.said().includes(data), second.said());
      assert.ok(second.said().includes(`process ${service.child.pid}`), second.said());
      assert.equal(second.said().trim().split('\n').length, 1);
      assert.equal((await service.call('/projects')).status, 200);
    }));

  it('stops on SIGTERM before its job is over, ends the job and leaves no process', () =>
    withService(async ({ service, dir, again }) => {
      const [begun, mark] = [join(dir, 'begun.txt'), marker()];
      await registerProject(service, dir, `: ${mark}; echo begun > '${begun}'; sleep 600; true`);
      const id = await runningJob(service, begun);
      assert.equal(await service.end('SIGTERM'), 0, `${service.child.signalCode} ${service.said()}`);
      assert.deepEqual([processesWith(mark), processesWith(dir)], [[], []]);
      const next = await again();
      const [job] = await whenEnded(next, [id]);
      assert.deepEqual([job?.status, job?.reason, job?.exit_code], ['failed', 'orphaned', -1]);
    }));

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    it(`runs a job that was lost by ${signal} again when its project wants that`, () =>
      withService(async ({ service: first, dir, again }) => {
        const begun = join(dir, 'begun.txt');
        await registerProject(first, dir, `if test -e '${begun}'; then exit 0; fi; echo begun > '${begun}'; sleep 30`, {
          retry_lost: true,
        });
        const id = await runningJob(first, begun);
        await first.end(signal);
        const second = await again();
        const [job] = await whenEnded(second, [id]);
        assert.deepEqual([job?.status, job?.reason], ['failed', 'runner_lost']);
        const enqueued = (await second.events()).filter(({ type }) => type === 'JobEnqueued');
        const retry = enqueued.find(({ data: one }) => one.rerun_of === id)?.subject;
        assert.ok(retry, 'another job takes its place');
        await whenEnded(second, [retry]);
        assert.equal((await jobOf(second, retry))?.status, 'succeeded');
      }));
});

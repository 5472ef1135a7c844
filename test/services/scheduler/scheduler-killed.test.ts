import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { registerProject, type Service, startService, whenEnded } from '../../crash/service-process.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { until } from '../../support/until.ts';

const roles = { CRAFTING_ROLES: 'api,parser,projector,runner,scheduler' };
const schedule = { schedule: { test: '02:00' } };

/** Asks for a run; its jobs when the service acknowledged it, null when it was gone before it answered. */
async function askForRun(service: Service): Promise<string[] | null> {
  try {
    const { status, body } = await service.call('/schedules/p/test/run', {});
    return status === 202 ? (body.jobs as string[]) : null;
  } catch {
    return null;
  }
}

async function subjects(service: Service, type: string): Promise<string[]> {
  return (await service.events()).filter((event) => event.type === type).map(({ subject }) => subject);
}

/** Every job that the slots used announced is there once, and comes to its end. */
async function allJobs(service: Service): Promise<string[]> {
  const fired = (await service.events()).filter(({ type }) => type === 'ScheduleFired');
  const announced = fired.flatMap(({ data }) => data.jobs as string[]);
  await until(async () => (await subjects(service, 'JobEnqueued')).length >= announced.length, 'the jobs');
  assert.deepEqual((await subjects(service, 'JobEnqueued')).sort(), [...announced].sort());
  await whenEnded(service, announced);
  return announced;
}

it('makes the jobs of a slot after kill -9 between the slot and its jobs', () =>
  inTempDir(async (dir) => {
    const data = mkdtempSync(join(dir, 'data-'));
    const first = await startService(data, { CRAFTING_ROLES: 'api,projector' });
    await registerProject(first, dir, 'true', schedule);
    const jobs = await askForRun(first);
    assert.equal(jobs?.length, 1);
    await first.end('SIGKILL');
    const second = await startService(data, roles);
    try {
      assert.deepEqual(await allJobs(second), jobs);
    } finally {
      await second.end('SIGTERM');
    }
  }));

it('loses no run that was acknowledged, and makes its jobs once, over kill -9 at any moment', () =>
  inTempDir(async (dir) => {
    const data = mkdtempSync(join(dir, 'data-'));
    let service = await startService(data, roles);
    await registerProject(service, dir, 'true', schedule);
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const asked = Array.from({ length: 6 }, () => askForRun(service));
      await Promise.all([delay(randomInt(1, 120)), asked[0]]);
      await service.end('SIGKILL');
      acknowledged.push(...(await Promise.all(asked)).flatMap((jobs) => jobs ?? []));
      service = await startService(data, roles);
    }
    try {
      const jobs = await allJobs(service);
      assert.ok(acknowledged.length >= 1);
      for (const id of acknowledged) assert.ok(jobs.includes(id), id);
    } finally {
      await service.end('SIGTERM');
    }
  }));

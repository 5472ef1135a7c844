import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { inTempDir } from '../support/farm-parts.ts';
import { until } from '../support/until.ts';
import {
  type LoggedEvent,
  postJob,
  processesWith,
  registerProject,
  startService,
  whenEnded,
} from './service-process.ts';

const rounds = 5;

it('keeps every acknowledged job, and brings each to one end, over kill -9 at any moment', () =>
  inTempDir(async (dir) => {
    const ran = join(dir, 'ran.txt');
    const marker = `ct-crash-${randomInt(1e9)}`;
    const data = mkdtempSync(join(dir, 'data-'));
    const acknowledged: string[] = [];
    let service = await startService(data);
    await registerProject(service, dir, `: ${marker}; sleep 0.03; echo "$CRAFTING_JOB_ID" >> '${ran}'; sleep 0.03`);
    for (let round = 0; round < rounds; round += 1) {
      const posts = Array.from({ length: 10 }, () => postJob(service));
      await Promise.all([delay(randomInt(20, 500)), posts[0]]);
      await service.end('SIGKILL');
      acknowledged.push(...(await Promise.all(posts)).filter((id) => id !== null));
      service = await startService(data);
    }
    try {
      assert.ok(acknowledged.length >= rounds, 'jobs were acknowledged');
      // On a slow machine each of them may have been killed before it did anything; this one is not.
      const unharmed = await postJob(service);
      assert.ok(unharmed !== null, service.said());
      acknowledged.push(unharmed);
      const jobs = await whenEnded(service, acknowledged);
      const lines = readFileSync(ran, 'utf8').split('\n').filter(Boolean);
      const times = (id: string) => lines.filter((line) => line === id).length;
      assert.equal(jobs.find(({ job_id }) => job_id === unharmed)?.status, 'succeeded');
      for (const { job_id, status, reason } of jobs) {
        assert.ok(status === 'succeeded' || reason === 'orphaned', `${job_id} ${status} ${reason}`);
        if (status === 'succeeded') assert.equal(times(job_id), 1, `${job_id} ran`);
        assert.ok(times(job_id) <= 1, `${job_id} did not run twice`);
      }
      const events = await service.events();
      const asked = ofType(events, 'JobEnqueued');
      await whenEnded(service, asked);
      const later = await service.events();
      assert.deepEqual(ofType(later, 'RecipeExited').sort(), [...asked].sort(), 'one end for each');
      assert.deepEqual(ofType(later, 'FindingsParsed').sort(), [...asked].sort());
      await until(async () => (await health(service.url)).runner.running === 0, 'no busy slot');
      assert.deepEqual(await health(service.url), { runner: { running: 0, queued: 0 }, jobs: {} });
    } finally {
      assert.equal(await service.end('SIGTERM'), 0, `${service.child.signalCode} ${service.said()}`);
    }
    await until(() => processesWith(marker).length === 0 && processesWith(dir).length === 0, 'no process is left');
  }));

function ofType(events: readonly LoggedEvent[], type: string): string[] {
  return events.filter((event) => event.type === type).map(({ subject }) => subject);
}

async function health(url: string) {
  const { runner, jobs } = (await (await fetch(`${url}/healthz`)).json()) as {
    runner: { running: number; queued: number };
    jobs: Record<string, number>;
  };
  return { runner: { running: runner.running, queued: runner.queued }, jobs };
}

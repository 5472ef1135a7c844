import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { effectOf } from '../../../services/define.ts';
import { silent } from '../../../services/io/log.ts';
import { startProjector } from '../../../services/projector/projector.ts';
import { scheduler } from '../../../services/scheduler/scheduler.ts';
import { startScheduler } from '../../../services/scheduler/start-scheduler.ts';
import { startIn, testConfig } from '../../support/farm.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import { register } from '../api/registered.ts';
import { allOf, beat, env, firedIn, type Scene, withClock } from './scheduled-farm.ts';

const noJitter = { jitter_secs: 0, timezone: 'America/Los_Angeles' };
const nightly = { audit: '02:30', ...noJitter };

/** Beats every half hour from one time to another. */
async function beatThrough(scene: Scene, from: string, to: string): Promise<void> {
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += 1_800_000) await beat(scene, new Date(ms).toISOString());
}

describe('a scheduler', () => {
  it('uses a slot that has come, and its jobs run as scheduled ones', () =>
    withClock('2030-05-01T00:00:00Z', async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', { commands: { audit: 'echo audited' }, schedule: nightly });
      await beat(scene, '2030-05-01T10:00:00Z');
      await beat(scene, '2030-05-02T09:29:59Z');
      assert.equal((await firedIn(farm, 1)).length, 0);
      await beat(scene, '2030-05-02T09:30:00Z');
      await beat(scene, '2030-05-02T09:30:05Z');
      assert.deepEqual(await firedIn(farm, 1), ['05-02T09:30 time 0']);
      const fired = (await allOf(farm.store.log, 'ScheduleFired')).at(-1);
      const [id = ''] = fired?.data.jobs ?? [];
      await until(async () => (await farm.http.get(`/jobs/${id}`)).status === 200);
      const job = await farm.http.ended(id);
      assert.deepEqual(
        [job.status, job.purpose, job.requested_by, job.recipe, job.cause],
        ['succeeded', 'scheduled', 'crafting-table', 'audit', fired?.eventId],
      );
      const { schedules } = (await farm.http.get('/schedules')).json;
      assert.deepEqual(schedules[0].last.jobs, [{ job_id: id, subproject: '.', status: 'succeeded' }]);
      assert.deepEqual([schedules[0].last.why, schedules[0].next_runs[0]], ['time', '2030-05-03T09:30:00.000Z']);
    }));

  it('uses a slot once, however many of them there are', () =>
    withClock('2030-05-01T00:00:00Z', async ({ farm, clock }) => {
      for (const name of ['p', 'q'])
        await register(farm, name, {
          commands: { test: 'true', audit: 'true' },
          schedule: { ...nightly, test: '* * * * *' },
        });
      const config = testConfig(farm.dir, env);
      const nowhere = { branchTip: async () => null, refTip: async () => null };
      const workspaces = { ...nowhere, readBlobs: async () => new Map(), listFiles: async () => [] };
      const others = await Promise.all(
        ['second', 'third'].map(async (name) => {
          const own = movedClock('2030-05-01T00:00:00Z');
          const dir = join(farm.dir, name);
          mkdirSync(dir);
          const models = await startProjector({ dir, log: farm.store.log, logger: silent });
          const parts = { ...farm.store, config, models, logger: silent, version: '0', workspaces };
          return { own, models, role: await startScheduler({ ...parts, clock: own }) };
        }),
      );
      const clocks = [clock, ...others.map(({ own }) => own)];
      try {
        for (let minute = 0; minute < 15; minute += 1) {
          // Their clocks differ by some seconds.
          clocks.forEach((one, index) => {
            one.set(`2030-05-01T09:${30 + minute}:0${index}Z`);
          });
          await Promise.all(clocks.flatMap((one) => [one.beat(), one.beat()]));
        }
        const fired = await allOf(farm.store.log, 'ScheduleFired');
        const used = fired.map(({ entityId }) => entityId);
        assert.equal(used.length, new Set(used).size);
        assert.equal(used.length, 2 * 15 + 2);
        const announced = fired.flatMap(({ data }) => data.jobs).sort();
        const enqueued = async () => (await allOf(farm.store.log, 'JobEnqueued')).map(({ entityId }) => entityId);
        await until(async () => (await enqueued()).length >= announced.length);
        assert.deepEqual((await enqueued()).sort(), announced);
      } finally {
        for (const { role, models } of others) {
          await role.stop();
          await models.close();
        }
      }
    }));

  it('makes the jobs of a slot once, however often its event comes, and none for a project that is gone', () =>
    withClock('2030-05-01T10:00:00Z', async (scene) => {
      const { farm } = scene;
      const { store, models } = farm;
      assert.ok(models);
      await register(farm, 'p', { commands: { audit: 'true' }, schedule: nightly });
      await beat(scene, '2030-05-01T10:00:00Z');
      const [fired] = await allOf(store.log, 'ScheduleFired');
      assert.ok(fired);
      const parts = {
        config: testConfig(farm.dir),
        log: store.log,
        models,
        heads: { hear: async () => {}, meet: async () => {} },
        sources: { hear: async () => {}, meet: async () => {}, advance: async () => {} },
      };
      const again = (name: string) => scheduler(parts).on.ScheduleFired?.(fired, effectOf(name, fired));
      await Promise.all(['scheduler', 'another', 'a third'].map(again));
      assert.equal((await allOf(store.log, 'JobEnqueued')).length, 1);
      await farm.http('DELETE', '/projects/p');
      await register(farm, 'p', { commands: { audit: 'true', test: 'true' }, schedule: nightly });
      await again('much later');
      assert.equal((await allOf(store.log, 'JobEnqueued')).length, 1);
    }));

  it('runs the last slot that a jump of the clock passed over, and none again when it goes back', () =>
    withClock('2030-05-01T10:00:00Z', async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', { commands: { audit: 'true' }, schedule: nightly });
      await register(farm, 'q', { commands: { audit: 'true' }, schedule: { ...nightly, catch_up: 'none' } });
      await beat(scene, '2030-05-01T10:00:00Z');
      await beat(scene, '2030-05-02T09:30:00Z');
      await beat(scene, '2030-05-06T12:00:00Z');
      for (const back of ['2030-05-06T11:00:00Z', '2030-05-04T09:30:01Z', '2030-05-02T09:31:00Z'])
        await beat(scene, back);
      await beat(scene, '2030-05-07T09:30:01Z');
      const fired = (await allOf(farm.store.log, 'ScheduleFired')).map(
        ({ data }) => `${data.project} ${data.slot.slice(5, 16)} ${data.why} ${data.missed}`,
      );
      const [first, ...rest] = fired.filter((one) => one.startsWith('p'));
      assert.equal(first, 'p 05-01T09:30 catch_up 1000');
      assert.deepEqual(rest.sort(), [
        'p 05-02T09:30 time 0',
        // Nobody had used it when the clock stood there, and it was not late by that clock.
        'p 05-04T09:30 time 1',
        'p 05-06T09:30 catch_up 3',
        'p 05-07T09:30 time 0',
      ]);
      assert.deepEqual(
        fired.filter((one) => one.startsWith('q')).map((one) => one.slice(2, 18)),
        ['05-02T09:30 time', '05-04T09:30 time', '05-07T09:30 time'],
      );
    }));

  it('runs once on each night when clocks change, and when the year does', () =>
    withClock('2030-03-08T12:00:00Z', async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', { commands: { audit: 'true' }, schedule: nightly });
      await beat(scene, '2030-03-08T12:00:00Z');
      await beatThrough(scene, '2030-03-09T00:00:00Z', '2030-03-12T00:00:00Z');
      assert.deepEqual(await firedIn(farm, 1), ['03-09T10:30 time 0', '03-10T10:00 time 0', '03-11T09:30 time 0']);
      await farm.http('PUT', '/projects/p', { body: await changed(farm, { audit: '01:30', ...noJitter }) });
      await beat(scene, '2030-11-01T12:00:00Z');
      await beatThrough(scene, '2030-11-02T00:00:00Z', '2030-11-05T00:00:00Z');
      assert.deepEqual(await firedIn(farm, 5), ['11-02T08:30 time 0', '11-03T08:30 time 0', '11-04T09:30 time 0']);
      await beat(scene, '2030-12-31T12:00:00Z');
      await beatThrough(scene, '2030-12-31T12:30:00Z', '2031-01-02T00:00:00Z');
      assert.deepEqual(await firedIn(farm, 9), ['01-01T09:30 time 0']);
    }));

  it('leaves alone what is switched off, and misses nothing from before it was switched on', () =>
    withClock('2030-05-01T10:00:00Z', async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', {
        commands: { audit: 'true', test: 'true' },
        schedule: { ...nightly, disabled: ['audit'] },
      });
      await register(farm, 'off', { commands: { audit: 'true' }, schedule: nightly, enabled: false });
      await register(farm, 'bare', { commands: { test: 'true' }, schedule: nightly });
      await beat(scene, '2030-05-06T12:00:00Z');
      assert.deepEqual(await firedIn(farm), []);
      await farm.http.post('/schedules/p/audit/enable', {});
      await beat(scene, '2030-05-06T12:01:00Z');
      assert.deepEqual(await firedIn(farm), []);
    }));

  it('catches up after a restart', () =>
    withClock('2030-05-01T10:00:00Z', async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', { commands: { audit: 'true' }, schedule: nightly });
      await beat(scene, '2030-05-01T10:00:00Z');
      await farm.stop();
      const clock = movedClock('2030-05-04T12:00:00Z');
      const again = await startIn(farm.dir, env, { clock });
      try {
        await clock.beat();
        assert.deepEqual(await firedIn(again, 1), ['05-04T09:30 catch_up 2']);
      } finally {
        await again.close();
      }
    }));
});

async function changed({ http }: Scene['farm'], schedule: object): Promise<object> {
  const { project } = (await http.get('/projects/p')).json;
  return { ...project, schedule };
}

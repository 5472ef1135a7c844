import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { renameSync } from 'node:fs';
import { describe, it } from 'node:test';
import { AppError } from '../../../services/floor/app-error.ts';
import { silent } from '../../../services/io/log.ts';
import { watchHeads } from '../../../services/scheduler/watch-heads.ts';
import { startIn, type TestFarm } from '../../support/farm.ts';
import { startGitHttpServer } from '../../support/git-http-server.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import { register } from '../api/registered.ts';
import { allOf, beat, env, type Scene, withClock } from './scheduled-farm.ts';

const secret = 'a-webhook-secret';
const commands = { test: 'true', lint: 'true' };
const polled = { poll: 5, on_push: ['test'] };
const seenProject = { name: 'p', enabled: true, git_url: '/p', default_branch: 'main', credential_ref: null };
const at = (minute: number) => new Date(Date.UTC(2030, 4, 1, 10, minute)).toISOString();

type Log = Pick<TestFarm, 'store'>;

async function headsIn({ store }: Log): Promise<string[]> {
  return (await allOf(store.log, 'BranchHeadSeen')).map(
    ({ data }) => `${data.sha.slice(0, 7)} ${data.by} ${data.jobs.length}`,
  );
}

/** The jobs that the heads announced, once all of them are there: recipe, subproject and commit. */
async function jobsIn({ store }: Log): Promise<string[]> {
  const announced = (await allOf(store.log, 'BranchHeadSeen')).flatMap(({ data }) => data.jobs);
  const jobs = await until(async () => {
    const found = await allOf(store.log, 'JobEnqueued');
    return found.length >= announced.length && found;
  });
  assert.deepEqual(jobs.map(({ entityId }) => entityId).sort(), announced.sort());
  return jobs.map(({ data }) => `${data.recipe} ${data.subproject} ${data.sha?.slice(0, 7)} ${data.purpose}`).sort();
}

async function push({ http }: TestFarm, cloneUrl: string, commit: string, delivery: string): Promise<void> {
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    after: commit,
    repository: { full_name: 'team/repository', clone_url: cloneUrl },
  });
  const headers = {
    'x-gitea-event': 'push',
    'x-gitea-delivery': delivery,
    'x-gitea-signature': createHmac('sha256', secret).update(body).digest('hex'),
  };
  assert.equal((await http.post('/forge/webhook', body, { bearer: null, headers })).status, 202);
}

describe('the heads of branches', () => {
  it('are recorded at first, and every new one runs the recipes of on_push in each subproject that has them', () =>
    withClock(at(0), async (scene) => {
      const { farm } = scene;
      const first = git(farm.repository, 'rev-parse', 'HEAD').slice(0, 7);
      const subprojects = [
        { path: '.', language: 'shell', ...commands },
        { path: 'lib', language: 'shell', test: 'true' },
      ];
      await register(farm, 'p', { subprojects, schedule: { ...polled, on_push: ['test', 'lint', 'build'] } });
      await register(farm, 'silent', { commands, schedule: { poll: 5 } });
      await register(farm, 'unwatched', { commands });
      await beat(scene, at(0));
      assert.deepEqual(await headsIn(farm), [`${first} first 0`, `${first} first 0`]);
      const second = commitFiles(farm.repository, { 'a.txt': 'a' }).slice(0, 7);
      await beat(scene, at(4));
      assert.equal((await headsIn(farm)).length, 2);
      await beat(scene, at(5));
      await beat(scene, at(30));
      assert.deepEqual((await headsIn(farm)).slice(2).sort(), [`${second} poll 0`, `${second} poll 3`]);
      assert.deepEqual(await jobsIn(farm), [
        `lint . ${second} scheduled`,
        `test . ${second} scheduled`,
        `test lib ${second} scheduled`,
      ]);
    }));

  it('count again when a branch is pushed back to an earlier commit', () =>
    withClock(at(0), async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', { commands, schedule: polled });
      const first = git(farm.repository, 'rev-parse', 'HEAD');
      await beat(scene, at(0));
      const second = commitFiles(farm.repository, { 'a.txt': 'a' });
      for (const [minute, sha] of [
        [5, second],
        [10, first],
        [15, second],
        [20, second],
      ] as const) {
        git(farm.repository, 'reset', '--quiet', '--hard', sha);
        await beat(scene, at(minute));
      }
      const [one, two] = [first.slice(0, 7), second.slice(0, 7)];
      assert.deepEqual(await headsIn(farm), [`${one} first 0`, `${two} poll 1`, `${one} poll 1`, `${two} poll 1`]);
      assert.equal((await jobsIn(farm)).length, 3);
    }));

  it('are compared when the service starts, so that a push during an outage is not missed', () =>
    withClock(at(0), async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', { commands, schedule: { on_push: ['test'] } });
      await beat(scene, at(0));
      await farm.stop();
      const second = commitFiles(farm.repository, { 'a.txt': 'a' }).slice(0, 7);
      const clock = movedClock(at(1));
      const again = await startIn(farm.dir, env, { clock });
      try {
        await clock.beat();
        assert.deepEqual((await headsIn(again)).slice(1), [`${second} poll 1`]);
        assert.deepEqual(await jobsIn(again), [`test . ${second} scheduled`]);
      } finally {
        await again.close();
      }
    }));

  it('are asked for again when a remote did not answer, and the others meanwhile', () =>
    withClock(at(0), async (scene) => {
      const { farm } = scene;
      await register(farm, 'p', { commands, schedule: polled });
      await beat(scene, at(0));
      await register({ ...farm, repository: `${farm.repository}-none` }, 'lost', { commands, schedule: polled });
      renameSync(farm.repository, `${farm.repository}-moved`);
      await beat(scene, at(5));
      renameSync(`${farm.repository}-moved`, farm.repository);
      const second = commitFiles(farm.repository, { 'a.txt': 'a' }).slice(0, 7);
      await beat(scene, at(6));
      assert.equal((await headsIn(farm)).length, 1);
      await beat(scene, at(10));
      assert.deepEqual((await headsIn(farm)).slice(1), [`${second} poll 1`]);
    }));

  it('are one event each, however many schedulers look at the same moment', () =>
    withClock(at(0), async (scene) => {
      const { farm, clock } = scene;
      const { models, store } = farm;
      assert.ok(models);
      await register(farm, 'p', { commands, schedule: polled });
      let tip = 'a'.repeat(40);
      const workspaces = { branchTip: async () => tip, readBlobs: async () => new Map() };
      const parts = { ...store, models, workspaces, logger: silent, clock, signal: new AbortController().signal };
      const watches = Array.from({ length: 4 }, () => watchHeads(parts));
      for (const [minute, letter] of [...'abcaba'].entries()) {
        tip = letter.repeat(40);
        clock.set(at(minute * 5));
        await Promise.all(watches.map((one) => one.poll()));
      }
      assert.deepEqual(
        (await headsIn(farm)).map((one) => `${one[0]} ${one.slice(8)}`),
        ['a first 0', 'b poll 1', 'c poll 1', 'a poll 1', 'b poll 1', 'a poll 1'],
      );
      assert.equal((await jobsIn(farm)).length, 5);
    }));

  it('are not lost to trouble of the farm itself: who tells of a project is to tell again', async () => {
    const project = { ...seenProject, recipes: 'repository', schedule: {} };
    let applied = false;
    const models = {
      applied: async () => applied,
      seq: () => 5,
      query: () => ({ projects: { find: () => project }, schedules: { head: () => null } }),
    };
    const tips = [
      new AppError('unavailable', 'it was overtaken'),
      new AppError('unavailable', 'no answer', { name: 'git_unreachable' }),
    ];
    const asked: unknown[] = [];
    const branchTip = async () => {
      asked.push(tips[0]);
      throw tips.shift();
    };
    const watch = watchHeads({
      models,
      clock: movedClock(0),
      workspaces: { branchTip },
      logger: silent,
      signal: new AbortController().signal,
    } as unknown as Parameters<typeof watchHeads>[0]);
    await assert.rejects(watch.meet('p', 5), /lags behind/);
    await assert.rejects(watch.hear('p', 5), /lags behind/);
    assert.equal(asked.length, 0);
    applied = true;
    await assert.rejects(watch.meet('p', 5), /overtaken/);
    await watch.meet('p', 5);
    assert.equal(asked.length, 2, 'a look that was none is made again');
    await watch.meet('p', 5);
    assert.equal(asked.length, 2, 'what a remote does not answer waits for its time');
  });

  it('keep nobody waiting at the end for a remote that does not answer', (context) =>
    withClock(at(0), async ({ farm, clock }) => {
      const asked = Promise.withResolvers<void>();
      const { url } = await startGitHttpServer(context, farm.dir, { hang: true, onRequest: () => asked.resolve() });
      await register({ ...farm, repository: `${url}/repository/.git` }, 'p', { commands, schedule: polled });
      const round = clock.beat();
      await asked.promise;
      await Promise.all([farm.stop(), round]);
    }));

  it('go on counting for a project that was removed and registered again', () =>
    withClock(at(0), async (scene) => {
      const { farm } = scene;
      for (let round = 0; round < 2; round += 1) {
        await register(farm, 'p', { commands, schedule: polled });
        await beat(scene, at(round));
        assert.equal((await farm.http('DELETE', '/projects/p')).status, 200);
      }
      assert.deepEqual(
        (await headsIn(farm)).map((one) => one.slice(8)),
        ['first 0', 'first 0'],
      );
    }));
});

describe('a push that a forge tells of', () => {
  const withForge =
    (work: (scene: Scene & { url: string }) => Promise<void>) => (context: Parameters<typeof startGitHttpServer>[0]) =>
      withClock(
        at(0),
        async (scene) => {
          const { url } = await startGitHttpServer(context, scene.farm.dir);
          await work({ ...scene, url: `${url}/repository/.git` });
        },
        { CRAFTING_FORGE_WEBHOOK_SECRET: secret },
      );

  it(
    'is looked at at once; a poll and webhooks together make one job of a head',
    withForge(async (scene) => {
      const { farm, url } = scene;
      await register({ ...farm, repository: url }, 'p', { commands, schedule: polled });
      await beat(scene, at(0));
      const second = commitFiles(farm.repository, { 'a.txt': 'a' });
      await Promise.all([beat(scene, at(5)), push(farm, url, second, 'd-1'), push(farm, url, second, 'd-2')]);
      await until(async () => (await headsIn(farm)).length === 2);
      const third = commitFiles(farm.repository, { 'a.txt': 'b' });
      await Promise.all([push(farm, url, second, 'd-3'), push(farm, url, third, 'd-4')]);
      await until(async () => (await headsIn(farm)).length === 3);
      await beat(scene, at(30));
      assert.equal((await headsIn(farm)).length, 3);
      assert.deepEqual(
        await jobsIn(farm),
        [`test . ${second.slice(0, 7)} scheduled`, `test . ${third.slice(0, 7)} scheduled`].sort(),
      );
    }),
  );

  it(
    'runs without a poll, also as the first that is heard of a project',
    withForge(async ({ farm, url }) => {
      await register({ ...farm, repository: url }, 'p', { commands, schedule: { on_push: ['test'] } });
      const head = git(farm.repository, 'rev-parse', 'HEAD');
      await push(farm, url, head, 'd-1');
      await until(async () => (await headsIn(farm)).length === 1);
      assert.deepEqual(await headsIn(farm), [`${head.slice(0, 7)} webhook 1`]);
      assert.equal((await jobsIn(farm)).length, 1);
    }),
  );

  it(
    'of an unknown repository, or that is not true, runs nothing',
    withForge(async (scene) => {
      const { farm, url } = scene;
      await register({ ...farm, repository: url }, 'p', { commands, schedule: polled });
      await beat(scene, at(0));
      commitFiles(farm.repository, { 'a.txt': 'a' });
      await push(farm, 'https://git.example.org/other/thing.git', 'c'.repeat(40), 'd-1');
      git(farm.repository, 'reset', '--quiet', '--hard', 'HEAD~1');
      await push(farm, url, 'c'.repeat(40), 'd-2');
      const head = commitFiles(farm.repository, { 'b.txt': 'b' });
      await push(farm, url, head, 'd-3');
      await until(async () => (await headsIn(farm)).length === 2);
      assert.deepEqual((await headsIn(farm)).at(-1), `${head.slice(0, 7)} webhook 1`);
    }),
  );
});

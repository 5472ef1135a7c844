import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AppError } from '../../../services/floor/app-error.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { sampleData } from '../../events/stored-payloads.ts';
import { until } from '../../support/until.ts';
import { uniqueSeconds, withArgument } from '../io/process/watched-processes.ts';
import { listening, withStage } from './runner-stage.ts';

const orphanLine = '[crafting-table] runner restart, job orphaned\n';

/** For runners of which none dies: a slow machine would take one that waits for a core for dead. */
const patient = { leaseTimes: { renewMs: 100, lostAfterMs: 600_000 } };

describe('a runner', () => {
  it('runs a job from its start over its workspace to its one end', () =>
    withStage(async ({ runner, enqueue, exit, story, output }) => {
      await runner();
      const id = await enqueue('cat README.md; echo "$CRAFTING_BRANCH" >&2; exit 3');
      const end = await exit(id);
      assert.deepEqual([end.reason, end.exit_code, end.signal, end.truncated], ['exited', 3, null, false]);
      assert.deepEqual((await output(id)).split('\n').sort(), ['', 'first', 'main']);
      assert.equal(end.log_bytes, 11);
      assert.match(end.sha ?? '', /^[0-9a-f]{40}$/);
      // On a slow machine any job runs on for a while.
      const told = (await story(id)).filter((type) => type !== 'WorkspacePrepared');
      assert.deepEqual(told, ['JobEnqueued', 'RecipeStarted', 'RecipeExited']);
    }));

  it('says at which commit a job stands that runs on for a while', () =>
    withStage(async ({ runner, enqueue, cancel, exit, log }) => {
      await runner();
      const id = await enqueue('sleep 3000');
      const prepared = await until(() => log.last('WorkspacePrepared', id));
      await cancel(id);
      assert.equal((await exit(id)).sha, prepared.data.sha);
    }));

  it('ends a queued job that is cancelled, without ever starting it', () =>
    withStage(async ({ runner, enqueue, cancel, exit, story }) => {
      await runner({ slots: 1 });
      const blocking = await enqueue('sleep 3000');
      const waiting = await enqueue('true');
      await cancel(waiting);
      assert.equal((await exit(waiting)).reason, 'cancelled');
      assert.deepEqual(await story(waiting), ['JobEnqueued', 'JobCancelRequested', 'RecipeExited']);
      await cancel(blocking);
      await exit(blocking);
    }));

  it('ends a running job that is cancelled, and all its processes', () =>
    withStage(async ({ runner, enqueue, cancel, exit, output }) => {
      await runner();
      const seconds = uniqueSeconds();
      const id = await enqueue(`sleep ${seconds} & wait`);
      await until(() => withArgument(seconds).length === 1, 'the sleep');
      await cancel(id);
      const end = await exit(id);
      assert.deepEqual([end.reason, end.exit_code], ['cancelled', null]);
      assert.deepEqual(withArgument(seconds), []);
      assert.match(await output(id), /^\[crafting-table\] cancelled$/m);
    }));

  it('ends a job that takes too long or prints too much, and says so in its log', () =>
    withStage(async ({ runner, enqueue, exit, output }) => {
      await runner({ maxLogBytes: 100_000 });
      const [slow, loud] = await Promise.all([enqueue('sleep 3000', { timeout_secs: 1 }), enqueue('yes')]);
      const end = await exit(slow);
      assert.deepEqual([end.reason, end.detail], ['timeout', 'timed out after 1 s']);
      assert.match(await output(slow), /timed out after 1 s/);
      const cut = await exit(loud);
      assert.deepEqual([cut.reason, cut.truncated], ['log_limit', true]);
      assert.ok(cut.log_bytes >= 100_000 && cut.log_bytes < 100_200, String(cut.log_bytes));
      assert.match(await output(loud), /printed more than 100000 bytes/);
    }));

  it('says in words why a workspace could not be made', () =>
    withStage(async ({ runner, enqueue, exit }) => {
      await runner();
      const [branch, folder, commit] = await Promise.all([
        enqueue('true', { branch: 'no-such-branch' }),
        enqueue('true', { subproject: 'no/such/folder' }),
        enqueue('true', { sha: '0'.repeat(40) }),
      ]);
      const ends = await Promise.all([branch, folder, commit].map(exit));
      for (const { reason, exit_code } of ends) assert.deepEqual([reason, exit_code], ['workspace_failed', null]);
      assert.match(ends[0]?.detail ?? '', /no-such-branch/);
      assert.match(ends[1]?.detail ?? '', /no\/such\/folder|folder/);
      assert.match(ends[2]?.detail ?? '', /0000000|commit/);
    }));

  it('runs no more jobs at once than it has slots', () =>
    withStage(async ({ runner, enqueue, exit, dir }) => {
      await runner({ slots: 2, ...patient });
      const file = join(dir, 'busy.txt');
      // The first waits for the second, so that two run at once however slow the machine is.
      const second = `until [ "$(grep -c + '${file}')" -ge 2 ]; do sleep 0.05; done`;
      const command = `echo + >> '${file}'; ${second}; sleep 0.1; echo - >> '${file}'`;
      const ids = await Promise.all(Array.from({ length: 6 }, () => enqueue(command)));
      await Promise.all(ids.map(exit));
      let [now, most] = [0, 0];
      for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
        now += line === '+' ? 1 : -1;
        most = Math.max(most, now);
      }
      assert.equal(most, 2);
    }));

  it('ends a queued job that a newer one supersedes, and runs the newer one', () =>
    withStage(async ({ runner, enqueue, cancel, exit }) => {
      await runner({ slots: 1 });
      const blocking = await enqueue('sleep 3000', { recipe: 'build' });
      const older = await enqueue('true', { supersede: true });
      const newer = await enqueue('true', { supersede: true });
      const end = await exit(older);
      assert.deepEqual([end.reason, end.detail], ['cancelled', `superseded by ${newer}`]);
      await cancel(blocking);
      assert.equal((await exit(newer)).exit_code, 0);
    }));

  it('ends a job of its own that it could not bring to its end, as soon as the log takes events again', () =>
    withStage(async ({ runner, enqueue, exit, log }) => {
      let refusals = 1;
      const failing: EventLog = {
        ...log,
        append: async (draft, options) => {
          if (draft.type !== 'RecipeExited' || refusals === 0) return log.append(draft, options);
          refusals -= 1;
          throw new AppError('unavailable', 'The log does not take events at the moment.');
        },
      };
      const one = await runner({ log: failing });
      const id = await enqueue('true');
      const end = await exit(id);
      assert.deepEqual([end.reason, end.exit_code], ['orphaned', -1]);
      await until(() => one.status().running === 0, 'no busy slot');
      const next = await enqueue('true');
      assert.equal((await exit(next)).exit_code, 0);
    }));
});

describe('several runners on one log', () => {
  it('never run a job twice', () =>
    withStage(async ({ runner, enqueue, exit, story, dir }) => {
      await Promise.all([runner(patient), runner(patient), runner(patient)]);
      const file = join(dir, 'ran.txt');
      const command = `echo "$CRAFTING_JOB_ID" >> '${file}'`;
      const ids = await Promise.all(Array.from({ length: 20 }, () => enqueue(command)));
      const ends = await Promise.all(ids.map(exit));
      const others = ends.filter(({ reason }) => reason !== 'exited');
      assert.deepEqual(others, [], 'each ran to its own end');
      assert.deepEqual(readFileSync(file, 'utf8').trim().split('\n').sort(), ids.sort());
      const told = await story(ids[0] ?? '');
      assert.equal(told.filter((type) => type === 'RecipeStarted').length, 1);
    }));

  it('end the job of a runner that died, with the line in its log that says so', () =>
    withStage(async ({ runner, enqueue, exit, log, logs, output }) => {
      const id = await enqueue('true');
      const writer = logs.writer(id);
      await writer.write('stdout', Buffer.from('half a line'));
      await writer.end();
      const data = {
        job_id: id,
        project: 'clawdforge',
        runner: 'dead',
        lease: '00000000000000000000000000',
        containment: 'pid-namespace',
      };
      await log.append({ type: 'RecipeStarted', id, data }, { expect: 0 });
      await runner();
      const end = await exit(id);
      assert.deepEqual([end.reason, end.exit_code, end.detail], ['orphaned', -1, 'runner restart, job orphaned']);
      assert.equal(await output(id), `half a line\n${orphanLine}`);
      assert.equal(end.log_bytes, Buffer.byteLength(`half a line\n${orphanLine}`));
    }));

  it('ask again for a lost job when its project wants that, once', () =>
    withStage(async ({ runner, enqueue, exit, log }) => {
      const id = await enqueue('true', { retry_lost: true });
      const data = {
        job_id: id,
        project: 'clawdforge',
        runner: 'dead',
        lease: '00000000000000000000000000',
        containment: 'pid-namespace',
      };
      await log.append({ type: 'RecipeStarted', id, data }, { expect: 0 });
      await Promise.all([runner(), runner()]);
      assert.equal((await exit(id)).reason, 'runner_lost');
      const retries = [];
      for (let seq = 1; seq <= (await log.end()); seq += 1) {
        const event = await log.at(seq);
        if (event?.type === 'JobEnqueued' && event.data.rerun_of === id) retries.push(event.entityId);
      }
      assert.equal(retries.length, 1);
      assert.equal((await exit(retries[0] ?? '')).exit_code, 0);
    }));

  it('stop a job that another runner has ended, append nothing about it and say so', () =>
    withStage(async ({ runner, enqueue, exit, story, log, output }) => {
      const { logger, said } = listening();
      const one = await runner({ logger });
      const seconds = uniqueSeconds();
      const id = await enqueue(`sleep ${seconds}`);
      await until(() => withArgument(seconds).length === 1, 'the sleep');
      const data = sampleData('RecipeExited', { job_id: id, reason: 'orphaned', exit_code: -1 });
      await log.append({ type: 'RecipeExited', id, data }, { expect: 0 });
      await until(() => withArgument(seconds).length === 0 && one.status().running === 0, 'the end of the sleep');
      assert.equal((await story(id)).filter((type) => type === 'RecipeExited').length, 1);
      assert.equal((await exit(id)).reason, 'orphaned');
      assert.ok(
        said.some((line) => /lost its lease/.test(line)),
        said.join('; '),
      );
      assert.equal(await output(id), '');
    }));
});

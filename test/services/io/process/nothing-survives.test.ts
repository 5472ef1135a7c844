import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { openProcesses } from '../../../../services/io/process/open-processes.ts';
import { probeContainment } from '../../../../services/io/process/probe-containment.ts';
import { paced } from '../../../support/pace.ts';
import { until } from '../../../support/until.ts';
import { daemon, gather, possibleLevels, request, uniqueSeconds, withArgument } from './watched-processes.ts';

const folder = await mkdtemp(join(tmpdir(), 'nothing-survives-'));
after(() => rm(folder, { recursive: true }));
const standIn = fileURLToPath(new URL('service-stand-in.ts', import.meta.url));
const levels = await possibleLevels();

test('the probe finds the best level that the machine gives', async () => {
  assert.equal(await probeContainment(), levels[0]);
});

for (const containment of levels.filter((level) => level !== 'process-group')) {
  describe(`a daemon at the level ${containment}`, async () => {
    const processes = await openProcesses({ containment });
    after(() => processes.close());

    test('dies with a recipe that ends by itself', async () => {
      const seconds = uniqueSeconds();
      const { result } = await gather(processes, { command: `${daemon(seconds)}; exit 4` });
      assert.equal(result.exitCode, 4);
      assert.deepEqual(withArgument(seconds), []);
    });

    test('dies with a recipe that runs out of time', async () => {
      const seconds = uniqueSeconds();
      let lived = 0;
      const command = `${daemon(seconds)}; echo up; sleep 1000`;
      const { result } = await gather(processes, { command, timeoutMs: paced(1_000) }, () => {
        lived = withArgument(seconds).length;
      });
      assert.equal(result.reason, 'timeout');
      assert.equal(lived, 1);
      assert.deepEqual(withArgument(seconds), []);
    });

    test('dies with a recipe that is cancelled', async () => {
      const seconds = uniqueSeconds();
      const cancel = new AbortController();
      const command = `${daemon(seconds)}; echo up; sleep 1000`;
      const { result } = await gather(processes, { command, signal: cancel.signal }, () => {
        assert.equal(withArgument(seconds).length, 1);
        cancel.abort();
      });
      assert.deepEqual([result.reason, result.signal], ['cancelled', 'SIGTERM']);
      assert.deepEqual(withArgument(seconds), []);
    });

    test('dies with the service, and so does the recipe, when the service is killed with -9', async (t) => {
      const [ofDaemon, ofRecipe] = [uniqueSeconds(), uniqueSeconds()];
      const args = [standIn, containment, `${ofDaemon},${ofRecipe}`];
      const service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      t.after(() => service.kill('SIGKILL'));
      await once(service.stdout, 'data');
      await until(() => withArgument(ofRecipe).length === 1, 'the recipe runs');
      assert.equal(withArgument(ofDaemon).length, 1);
      service.kill('SIGKILL');
      await until(() => [ofDaemon, ofRecipe].flatMap(withArgument).length === 0, 'nothing is left');
    });

    test('dies when the launcher is killed with -9; the run is refused and the next one works', async () => {
      const seconds = uniqueSeconds();
      const own = await openProcesses({ containment });
      const mine = new Set(childrenOf(process.pid));
      const command = `${daemon(seconds)}; echo up; sleep ${seconds}`;
      const run = gather(own, { command }, () => {
        // Of two launchers, the one of this test is the one that has a keeper at work.
        const launcher = [...mine].find((pid) => childrenOf(pid).flatMap(childrenOf).length > 0);
        if (launcher) process.kill(launcher, 'SIGKILL');
      });
      await assert.rejects(run, (error) => isAppError(error, 'unavailable'));
      await until(() => withArgument(seconds).length === 0, 'nothing is left');
      assert.equal((await own.run(request({ command: 'exit 5' }))).exitCode, 5);
      await own.close();
    });

    test('leaves no control group behind, however its keeper died', async () => {
      const mine = new Set(childrenOf(process.pid));
      const own = await openProcesses({ containment });
      const launchers = childrenOf(process.pid).filter((pid) => !mine.has(pid));
      const groups = () => launchers.flatMap((pid) => globSync(`/sys/fs/cgroup{,/pids}/crafting-job-${pid}-*`));
      const order = { limits: { processes: 100 } };
      await gather(own, { ...order, command: `${daemon(uniqueSeconds())}; kill -9 $PPID; sleep 0.2` });
      await gather(own, { ...order, command: 'true' });
      await until(() => groups().length <= 1, 'only the group of the next job is there');
      await own.close();
      assert.deepEqual(groups(), []);
    });

    test('runs when the keeper that waited for it was killed meanwhile', async () => {
      const mine = new Set(childrenOf(process.pid));
      const own = await openProcesses({ containment });
      const launchers = childrenOf(process.pid).filter((pid) => !mine.has(pid));
      for (const code of [3, 4]) {
        const waiting = () => launchers.flatMap(childrenOf);
        await until(() => waiting().length === launchers.length, 'the next keeper waits');
        const victims = waiting();
        for (const pid of victims) process.kill(pid, 'SIGKILL');
        await until(() => !waiting().some((pid) => victims.includes(pid)), 'it is dead');
        assert.equal((await own.run(request({ command: `exit ${code}` }))).exitCode, code);
      }
      await own.close();
    });

    test('dies when the recipe attacks its keeper', async () => {
      const seconds = uniqueSeconds();
      const { result } = await gather(processes, { command: `${daemon(seconds)}; kill -9 $PPID; sleep 0.2; exit 6` });
      const ending = containment === 'subreaper' ? [null, 'SIGKILL'] : [6, null];
      assert.deepEqual([result.exitCode, result.signal], ending);
      assert.deepEqual(withArgument(seconds), []);
    });

    test('dies when it forks on and on, always gone before it is looked at', async () => {
      const lock = join(folder, `${containment}.lock`);
      const chase = `open F, ">", "${lock}"; flock F, 2; print "up\\n"; close STDOUT; while (1) { exit if fork }`;
      const cancel = new AbortController();
      const command = `perl -e '$| = 1; setpgrp; $SIG{TERM} = "IGNORE"; $^F = 9; ${chase}'; sleep 1000`;
      const order = { command, signal: cancel.signal, graceMs: 0 };
      const { result } = await gather(processes, order, () => cancel.abort());
      assert.equal(result.reason, 'cancelled');
      // Every generation inherits the lock: it is free when all of them are dead.
      assert.equal(spawnSync('flock', ['-n', lock, 'true']).status, 0);
    });

    test('dies when the service closes', async () => {
      const seconds = uniqueSeconds();
      const own = await openProcesses({ containment });
      const up = Promise.withResolvers<void>();
      const run = gather(own, { command: `${daemon(seconds)}; echo up; sleep 1000` }, () => up.resolve());
      await up.promise;
      await own.close();
      assert.equal((await run).result.reason, 'cancelled');
      assert.deepEqual(withArgument(seconds), []);
      await assert.rejects(own.run(request({})), (error) => isAppError(error, 'unavailable'));
    });
  });
}

for (const containment of levels) {
  describe(`the end of a recipe at the level ${containment}`, async () => {
    const processes = await openProcesses({ containment });
    after(() => processes.close());

    test('comes at once when a child in the background holds the pipe', async () => {
      const seconds = uniqueSeconds();
      const command = `sleep ${seconds} & head -c 50000 /dev/zero`;
      const { result, stdout } = await gather(processes, { command, timeoutMs: paced(9_000) });
      assert.deepEqual([result.reason, result.exitCode, stdout.length], ['exited', 0, 50_000]);
      assert.deepEqual(withArgument(seconds), []);
    });

    test('takes along a child in another session that kept its environment', async () => {
      const seconds = uniqueSeconds();
      await gather(processes, { command: `setsid sleep ${seconds} > out-${containment} 2>&1 &`, cwd: folder });
      assert.deepEqual(withArgument(seconds), []);
    });

    test('sends TERM to all processes first, so that they can tidy up', async () => {
      const note = join(folder, `${containment}.note`);
      const tidy = `trap "echo tidied >> ${note}; exit 0" TERM; echo up; while :; do sleep 0.01; done`;
      const cancel = new AbortController();
      const command = `setsid sh -c '${tidy}' & trap "wait; exit 9" TERM; wait`;
      const { result } = await gather(processes, { command, signal: cancel.signal }, () => cancel.abort());
      assert.deepEqual([result.reason, result.exitCode], ['cancelled', 9]);
      assert.equal(await readFile(note, 'utf8'), 'tidied\n');
    });

    test('comes by TERM at the time limit, however early that is', async () => {
      for (const timeoutMs of [1, 5, 50]) {
        const { result } = await gather(processes, { command: 'sleep 1000', timeoutMs });
        assert.deepEqual([result.reason, result.exitCode, result.signal], ['timeout', null, 'SIGTERM']);
        assert.ok(result.durationMs >= timeoutMs - 1);
      }
    });

    test('comes by KILL after the grace time when TERM is ignored', async () => {
      const seconds = uniqueSeconds();
      const command = `trap "" TERM; echo up; sleep ${seconds} & wait; sleep ${seconds}`;
      const cancel = new AbortController();
      let asked = 0;
      const order = { command, graceMs: 150, signal: cancel.signal };
      const { result } = await gather(processes, order, () => {
        asked = performance.now();
        cancel.abort();
      });
      assert.deepEqual([result.reason, result.exitCode, result.signal], ['cancelled', null, 'SIGKILL']);
      assert.ok(performance.now() - asked >= 145);
      assert.deepEqual(withArgument(seconds), []);
    });

    test('waits for a slow consumer, which never holds more than a bounded amount', async () => {
      const size = String(8_000_000 + Math.floor(Math.random() * 1_000_000));
      let busy = 0;
      let taken = 0;
      const run = processes.run(
        request({
          command: `head -c ${size} /dev/zero`,
          maxOutputBytes: 1e8,
          async onOutput(_stream, chunk) {
            assert.equal(busy++, 0, 'one piece at a time');
            assert.ok(chunk.length <= 65_536);
            if (taken === 0) await until(() => isBlocked(size), 'the writer is blocked');
            if (taken === 0) written = await bytesWritten(size);
            taken += chunk.length;
            busy--;
          },
        }),
      );
      let written = Number.NaN;
      await run;
      assert.ok(written < 1_500_000, `${written} bytes were written ahead`);
      assert.equal(taken, Number(size));
    });
  });
}

function childrenOf(pid: number): number[] {
  const ps = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  const found = ps.stdout.trim().split(/\s+/).filter(Boolean).map(Number);
  return found.filter((child) => child !== ps.pid);
}

let sightings = 0;
/** Whether a writer has been seen asleep, with its amount unchanged, several times in a row. */
function isBlocked(argument: string): boolean {
  const [pid] = withArgument(argument);
  const state = spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  sightings = state === 'S' ? sightings + 1 : 0;
  return sightings >= 5;
}

async function bytesWritten(argument: string): Promise<number> {
  const [pid] = withArgument(argument);
  return Number(/^wchar: (\d+)/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

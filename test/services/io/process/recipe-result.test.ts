import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { openProcesses } from '../../../../services/io/process/open-processes.ts';
import { gather, path, possibleLevels, request } from './watched-processes.ts';

const folder = await mkdtemp(join(tmpdir(), 'recipe-result-'));
after(() => rm(folder, { recursive: true }));

for (const containment of await possibleLevels()) {
  describe(`a recipe's result at the level ${containment}`, async () => {
    const processes = await openProcesses({ containment });
    after(() => processes.close());
    const ending = async (command: string) => {
      const { result } = await gather(processes, { command });
      return [result.reason, result.exitCode, result.signal];
    };

    test('an exit code is reported as it is', async () => {
      assert.deepEqual(await ending('exit 0'), ['exited', 0, null]);
      assert.deepEqual(await ending('exit 3'), ['exited', 3, null]);
      assert.deepEqual(await ending('exit 255'), ['exited', 255, null]);
    });

    test('a code that looks like a signal stays a code', async () => {
      assert.deepEqual(await ending('exit 139'), ['exited', 139, null]);
    });

    test('the signal that ended the shell is named', async () => {
      assert.deepEqual(await ending('kill -SEGV $$'), ['exited', null, 'SIGSEGV']);
      assert.deepEqual(await ending('kill -ABRT $$'), ['exited', null, 'SIGABRT']);
      assert.deepEqual(await ending('kill -KILL $$'), ['exited', null, 'SIGKILL']);
    });

    test('a command that does not exist ends with 127', async () => {
      const { result, stderr } = await gather(processes, { command: 'no-such-command-anywhere' });
      assert.equal(result.exitCode, 127);
      assert.match(stderr.toString(), /not found/);
    });

    test('a missing working directory is refused', async () => {
      const run = processes.run(request({ cwd: join(folder, 'missing') }));
      await assert.rejects(run, (error) => isAppError(error, 'invalid'));
    });

    test('an argument that the system cannot take is refused', async () => {
      const run = processes.run(request({ env: { PATH: path, BIG: 'x'.repeat(200_000) } }));
      await assert.rejects(run, (error) => isAppError(error, 'invalid'));
      await assert.rejects(processes.run(request({ command: 'echo \0' })), (error) => isAppError(error, 'invalid'));
    });

    test('both streams arrive apart', async () => {
      const { result, stdout, stderr } = await gather(processes, { command: 'echo out; echo err >&2; echo more' });
      assert.equal(stdout.toString(), 'out\nmore\n');
      assert.equal(stderr.toString(), 'err\n');
      assert.equal(result.outputBytes, 13);
      assert.equal(result.truncated, false);
    });

    test('binary output arrives intact', async () => {
      const command = `perl -e 'binmode STDOUT; print pack("C*", 0..255) x 4000'`;
      const { stdout } = await gather(processes, { command, maxOutputBytes: 2_000_000 });
      assert.ok(stdout.equals(Buffer.concat(Array(4000).fill(Buffer.from([...Array(256).keys()])))));
    });

    test('the environment is the given one only', async () => {
      process.env.CRAFTING_TEST_LEAK = 'leaked';
      const { stdout } = await gather(processes, { command: 'env', env: { PATH: path, GREETING: 'grüße 🛠 "x"\n=' } });
      delete process.env.CRAFTING_TEST_LEAK;
      assert.match(stdout.toString(), /^GREETING=grüße 🛠 "x"\n=$/m);
      const names = stdout.toString().match(/^\w+(?==)/gm);
      const ours = ['PATH', 'GREETING', 'PWD', 'CRAFTING_PROCESS_MARKER', 'OLDPWD', 'SHLVL', '_'];
      assert.deepEqual(
        names?.filter((name) => !ours.includes(name)),
        [],
      );
    });

    test('a big environment passes', async () => {
      const many = Object.fromEntries([...Array(1000).keys()].map((n) => [`NAME_${n}`, `${n}`.repeat(100)]));
      const { stdout } = await gather(processes, {
        command: `printf %s "$NAME_999$BIG" | wc -c`,
        env: { PATH: path, BIG: 'x'.repeat(100_000), ...many },
      });
      assert.equal(Number(stdout.toString()), 100_300);
    });

    test('stdin is empty, the mask is 022, cores are off and the working directory is the given one', async () => {
      const { stdout } = await gather(processes, { command: 'wc -c; umask; ulimit -c; pwd', cwd: folder });
      assert.deepEqual(stdout.toString().trim().split('\n'), ['0', '0022', '0', folder]);
    });

    test('a limit on files is kept', async () => {
      const command = 'head -c 100000 /dev/zero > big; true';
      await gather(processes, { command, cwd: folder, limits: { fileBytes: 51_200 } });
      assert.equal((await stat(join(folder, 'big'))).size, 51_200);
    });

    test('signals have their usual meaning in the recipe', async () => {
      const { stdout } = await gather(processes, { command: 'grep -E "^Sig(Blk|Ign)" /proc/self/status' });
      assert.equal(stdout.toString(), 'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
    });

    // Where node spawns, files that the service was itself given open are passed on.
    const passesFiles = containment === 'process-group';
    test('no file of the service or of another job is open in the recipe', { skip: passesFiles }, async () => {
      const list = `exec perl -e 'opendir D, "/proc/self/fd"; print join " ", sort readdir D'`;
      const [, { stdout }] = await Promise.all([
        gather(processes, { command: 'true' }),
        gather(processes, { command: list }),
      ]);
      // The last one is the opened folder itself.
      assert.equal(stdout.toString(), '. .. 0 1 2 3');
    });

    test('output beyond the cap is cut off to the byte and ends the job', async () => {
      const { result, stdout } = await gather(processes, { command: 'yes', maxOutputBytes: 100_001 });
      assert.equal(result.reason, 'log_limit');
      assert.equal(result.truncated, true);
      assert.equal(result.outputBytes, 100_001);
      assert.equal(stdout.length, 100_001);
    });

    test('output of exactly the cap is whole', async () => {
      const { result } = await gather(processes, { command: 'head -c 5000 /dev/zero', maxOutputBytes: 5000 });
      assert.deepEqual([result.reason, result.truncated, result.outputBytes], ['exited', false, 5000]);
    });

    test('a failing consumer of the output ends the job and gets its own error back', async () => {
      const command = 'echo begun; sleep 1000';
      const onOutput = () => Promise.reject(new Error('disk full'));
      await assert.rejects(processes.run(request({ command, onOutput })), /disk full/);
    });

    test('twenty jobs at once keep their output apart', async () => {
      const runs = [...Array(20).keys()].map((n) => gather(processes, { command: `echo ${n}; exit ${n}` }));
      const all = await Promise.all(runs);
      assert.deepEqual(
        all.map(({ result, stdout }) => `${result.exitCode} ${stdout}`),
        [...Array(20).keys()].map((n) => `${n} ${n}\n`),
      );
    });

    test('a job that was cancelled before it began is not started', async () => {
      const signal = AbortSignal.abort();
      const { result } = await gather(processes, { command: 'echo x > started', cwd: folder, signal });
      assert.deepEqual([result.reason, result.exitCode], ['cancelled', null]);
      await assert.rejects(readFile(join(folder, 'started')));
    });
  });
}

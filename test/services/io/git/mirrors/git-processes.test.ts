import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { createGitProcesses } from '../../../../../services/io/git/mirrors/git-processes.ts';
import { ownerLives, ownerTag } from '../../../../../services/io/git/trees/process-owner.ts';
import { startResidently } from '../../../../../services/io/programs/resident-starter.ts';
import { paced } from '../../../../support/pace.ts';

const shell = (script: string) => ({
  command: 'sh',
  args: ['-c', script],
  cwd: '/',
  env: { PATH: process.env.PATH ?? '' },
  timeoutMs: paced(20_000),
});

test('output, errors and exit code come back, and nothing of our environment goes in', async () => {
  process.env.CT_TEST_SECRET = 'secret';
  const result = await createGitProcesses().run(shell('echo out; echo err >&2; env | grep -c SECRET; exit 3'));
  delete process.env.CT_TEST_SECRET;
  assert.deepEqual(result, { code: 3, stdout: 'out\n0\n', stderr: 'err\n', stopped: undefined });
});

test('a timeout ends the helpers too, also those that ignore the first signal', async () => {
  const script = `trap '' TERM; sleep 300 & echo $!; wait; sleep 300`;
  const result = await createGitProcesses().run({ ...shell(script), timeoutMs: paced(200) });
  assert.equal(result.stopped, 'timeout');
  const helper = Number(result.stdout);
  assert.ok(helper > 0);
  while (isRunning(helper)) await new Promise(setImmediate);
});

test('stopping ends what runs and refuses what comes', async () => {
  const processes = createGitProcesses();
  const running = processes.run(shell('sleep 300'));
  await new Promise(setImmediate);
  processes.stop();
  assert.equal((await running).stopped, 'closing');
  await assert.rejects(processes.run(shell('true')), { code: 'unavailable' });
});

test('a program that is stopped as soon as it has begun hears of it', async () => {
  const { PATH = '' } = process.env;
  for (let times = 0; times < 40; times += 1) {
    const order = { command: 'sleep', args: ['300'], cwd: '/', env: { PATH }, hasInput: false };
    const { pid, stdout, stderr, ended } = await startResidently(order);
    // Its group is there: the signal would throw otherwise.
    process.kill(-pid, 'SIGKILL');
    assert.equal(await ended, null);
    stdout.destroy();
    stderr.destroy();
  }
});

test('output without end is cut off', async () => {
  const result = await createGitProcesses().run(shell('yes'));
  assert.equal(result.stopped, 'output');
});

test('a program that is not there is an error with a name', async () => {
  const attempt = createGitProcesses().run({ ...shell(''), command: 'no-such-program' });
  await assert.rejects(attempt, { code: 'unavailable', reason: 'git_missing' });
});

test('a process is told from a later one with the same id', async () => {
  assert.ok(ownerLives(ownerTag()));
  assert.ok(!ownerLives(`${process.pid}_1`));
  const child = spawn('sleep', ['300']);
  const tag = ownerTag(child.pid);
  assert.ok(ownerLives(tag));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(!ownerLives(tag));
  for (const text of ['', 'x', '0_0', '-1_0']) assert.ok(!ownerLives(text), text);
});

// One that ended but that nobody has asked for yet does not count.
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]);
  return /^[^Z]/.test(String(stdout).trim());
}

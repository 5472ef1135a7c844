import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { askProgram } from '../../../../services/io/programs/ask-program.ts';
import { startResidently } from '../../../../services/io/programs/resident-starter.ts';
import { startFromHere } from '../../../../services/io/programs/start-program.ts';
import { until } from '../../../support/until.ts';

const env = { PATH: process.env.PATH ?? '' };
const shell = (script: string, hasInput = false) => ({ command: 'sh', args: ['-c', script], cwd: '/', env, hasInput });

for (const [name, start] of Object.entries({ startResidently, startFromHere })) {
  const whole = async (order: Parameters<typeof start>[0], input?: Readable) => {
    const { stdin, stdout, stderr, ended } = await start(order);
    if (stdin) input ? input.pipe(stdin) : stdin.end('in');
    return Promise.all([ended, text(stdout), text(stderr)]);
  };

  test(`${name}: a program gets its words, folder, environment and input, and nothing of ours`, async () => {
    const words = ['', ' two  words ', 'ü\n"\'$x', '*'];
    const order = { ...shell('printf "[%s]" "$@"; pwd; cat; echo; env; exit 7', true), cwd: realpathSync(tmpdir()) };
    const [code, out] = await whole({
      ...order,
      args: [...order.args, 'sh', ...words],
      env: { ...env, LINES: 'a\nb' },
    });
    assert.equal(code, 7);
    assert.ok(out.startsWith(`${words.map((word) => `[${word}]`).join('')}${order.cwd}\nin`), out);
    const names = [...out.matchAll(/^(\w+)=/gm)].map(([, variable]) => variable);
    assert.deepEqual(
      names.filter((variable) => !/^(PATH|LINES|PWD|OLDPWD|SHLVL|_)$/.test(variable ?? '')),
      [],
    );
  });

  test(`${name}: a program without input reads nothing, and leads a group of its own`, async () => {
    const { pid, stdin, stdout, ended } = await start(shell('cat; ps -o pgid= -p $$'));
    assert.equal(stdin, null);
    assert.equal(Number(await text(stdout)), pid);
    assert.equal(await ended, 0);
  });

  test(`${name}: an end by a signal has no code`, async () => {
    assert.equal((await whole(shell('kill -9 $$')))[0], null);
  });

  test(`${name}: what is not there is told by its error, in either promise`, async () => {
    const missing = [
      { ...shell(''), command: 'no-such-program' },
      { ...shell('true'), cwd: '/no/such/folder' },
    ];
    for (const order of missing) {
      const begun = (async () => (await start(order)).ended)();
      await assert.rejects(begun, { code: 'ENOENT' });
    }
  });

  test(`${name}: many at once keep their outputs apart, whole`, async () => {
    const runs = Array.from({ length: 40 }, (_, at) => whole(shell(`yes ${at} | head -c 200000; echo ${at} >&2`)));
    for (const [at, [code, out, err]] of (await Promise.all(runs)).entries()) {
      assert.deepEqual([code, out.length, err], [0, 200_000, `${at}\n`]);
      assert.ok(out.startsWith(`${at}\n`));
    }
  });
}

const source = fileURLToPath(new URL('../../../../services/io/programs/resident-starter.ts', import.meta.url));
const asker = `
import { startResidently } from ${JSON.stringify(source)};
const { pid } = await startResidently(${JSON.stringify(shell('trap "" TERM; sleep 600'))});
console.log(pid);
const { ended } = await startResidently(${JSON.stringify(shell('true'))});
await ended;
`;
const runAsker = (more = '') =>
  spawn(process.execPath, ['--input-type=module', '-e', asker + more], { stdio: ['ignore', 'pipe', 'inherit'] });

test('nothing of a process that was killed lives on, not even what hears no signal', async () => {
  const child = runAsker();
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const starter = parentOf(Number(line));
  child.kill('SIGKILL');
  await until(() => [Number(line), starter].every(isGone), 'the end of the program and its starter');
});

test('one whose starter was killed says so, and the next program has a new one', async () => {
  const first = await startResidently(shell('sleep 600'));
  process.kill(parentOf(first.pid), 'SIGKILL');
  await assert.rejects(first.ended, /starter/);
  process.kill(-first.pid, 'SIGKILL');
  const second = await startResidently(shell('echo again'));
  assert.equal(await text(second.stdout), 'again\n');
  assert.equal(await second.ended, 0);
});

test('an idle starter keeps no process alive', async () => {
  const child = runAsker('process.kill(-pid, "SIGKILL");');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

const parentOf = (pid: number) => Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
const isGone = (pid: number) =>
  /^Z?$/.test(String(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout).trim()[0] ?? '');

test('who asks a program hears what it says, or nothing: of one that fails, is not there, or goes on', async () => {
  const asked = (script: string, timeoutMs = 60_000) => askProgram('sh', ['-c', script], { env, timeoutMs });
  assert.deepEqual(await asked('echo 1.2; echo old >&2; cat'), { stdout: '1.2\n', stderr: 'old\n' });
  assert.equal(await asked('echo 1.2; exit 1'), null);
  assert.equal(await askProgram('no-such-program', [], { env }), null);
  assert.equal(await asked('echo 1.2; sleep 300 & sleep 300', 50), null);
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { claimUsers, isMachineRoot } from '../../../../services/io/process/job-users.ts';
import { openProcesses } from '../../../../services/io/process/open-processes.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

test('no two that are alive claim the same users, be they of one process or of several', { skip }, async () => {
  const [one, other] = [await claimUsers(), await claimUsers()];
  const script = `import { claimUsers } from ${JSON.stringify(new URL('../../../../services/io/process/job-users.ts', import.meta.url).href)}; process.stdout.write(String((await claimUsers())?.first));`;
  const elsewhere = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', script]);
  const firsts = [one?.first, other?.first, Number(elsewhere.stdout)];
  assert.equal(new Set(firsts).size, 3, firsts.join());
  assert.ok(firsts.every((first) => first !== undefined && first > 60_000));
  assert.equal(one?.ofOwner('a'), other?.ofOwner('a'));
  assert.notEqual(one?.ofOwner('a'), one?.ofOwner('b'));
  one?.release();
  other?.release();
});

test('jobs of two launchers at once have different users', { skip }, async (t) => {
  const launchers = await Promise.all([1, 2].map(() => openProcesses({ containment: 'pid-namespace' })));
  t.after(() => Promise.all(launchers.map((one) => one.close())));
  const said: string[] = [];
  await Promise.all(
    launchers.map((processes) =>
      processes.run({
        ...{ command: 'id -u', cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeoutMs: 60_000, maxOutputBytes: 1000 },
        confine: { own: ['/mnt'] },
        onOutput: (_stream, chunk) => void said.push(chunk.toString().trim()),
      }),
    ),
  );
  assert.equal(new Set(said).size, 2, said.join());
});

test('only what is root outside of its namespace is called so', () => {
  assert.equal(isMachineRoot(), process.getuid?.() === 0);
});

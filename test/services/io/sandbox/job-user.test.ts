import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { UserBlock } from '../../../../services/io/process/job-users.ts';
import { openJobUsers } from '../../../../services/io/sandbox/job-user.ts';

const block: UserBlock = { first: 1_890_000_000, count: 2, ofOwner: () => 1_890_000_009, release: () => {} };

/** The folders of a job below one of the farm, and one that the operator shows. */
function places(t: { after(undo: () => void): void }, above = tmpdir()) {
  const farm = mkdtempSync(join(above, 'ct-job-user-'));
  t.after(() => rmSync(farm, { recursive: true }));
  const at = (name: string) => join(farm, name);
  for (const name of ['job', 'job/tree', 'job/caches', 'objects', 'shown']) mkdirSync(at(name));
  chmodSync(at('objects'), 0o700);
  const job = { tree: at('job/tree'), dir: at('job'), caches: at('job/caches'), layers: [], read: [at('objects')] };
  return { farm, at, job };
}

test('what an operator shows, and what the farm keeps for all, is never given to the user of a job', async (t) => {
  const { at, job } = places(t);
  const { confine } = await openJobUsers('given', block)(job, { open: [at('shown')], shown: [at('shown')] });
  assert.deepEqual(confine, { own: [at('job/tree'), at('job')], user: block.first });
  const { mode, uid } = statSync(at('objects'));
  assert.deepEqual([mode & 0o777, uid], [0o705, process.getuid?.()], 'may be read, and is whose it was');
});

test('a shown folder is written by jobs only where it does not hide their own folders on another disk', async (t) => {
  const { farm, at, job } = places(t);
  const mapped = openJobUsers('mapped', block);
  assert.deepEqual((await mapped(job, { open: [at('shown')] })).confine.own, [at('job'), at('shown')]);
  assert.deepEqual((await mapped(job, { open: [farm] })).confine.own, [farm]);
  if (!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync('/dev').dev)
    return t.skip('/dev/shm is no disk of its own');
  const elsewhere = places(t, '/dev/shm');
  assert.deepEqual((await mapped(elsewhere.job, { open: ['/dev'] })).confine.own, [elsewhere.at('job')]);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryPlace } from '../../../../services/io/files/temporary-place.ts';
import { ownerTag } from '../../../../services/io/git/trees/process-owner.ts';

test('a folder for what is temporary goes with the next one of its kind once its process has died, and not before', async () => {
  const what = `test${process.pid}`;
  const dead = spawnSync('true').pid;
  const left = join(tmpdir(), `ct-${what}-${dead}_1-aaaaaa`);
  const foreign = join(tmpdir(), `ct-${what}x-${dead}_1-aaaaaa`);
  for (const dir of [left, foreign]) mkdirSync(dir);
  const first = await temporaryPlace(what);
  const second = await temporaryPlace(what);
  assert.deepEqual([left, foreign, first, second].map(existsSync), [false, true, true, true]);
  assert.equal(dirname(first), tmpdir());
  assert.ok(first.includes(ownerTag()));
  for (const dir of [foreign, first, second]) rmSync(dir, { recursive: true });
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFlow } from '../../../../services/io/disk/disk-flow.ts';
import { openDiskReserve } from '../../../../services/io/disk/disk-reserve.ts';
import { openLogWriter } from '../../../../services/io/nats/output/log-writer.ts';
import { until } from '../../../support/until.ts';

test('output waits while it could fill the disk, and goes on in its order when there is room', async () => {
  const disk = { room: 150_000 };
  const stored: string[] = [];
  const acknowledge: (() => void)[] = [];
  const js = {
    publish: (_subject: string, bytes: Uint8Array) =>
      new Promise((resolve) => {
        stored.push(Buffer.from(bytes).toString('latin1').charAt(0));
        acknowledge.push(() => resolve({ seq: stored.length }));
      }),
  };
  let looks = 0;
  const look = async () => {
    looks += 1;
  };
  const writer = openLogWriter(js as never, 'job', openFlow({ room: () => disk.room, look }));
  for (const letter of 'abcd') await writer.write('stdout', Buffer.alloc(65_536, letter));
  await writer.write('stderr', Buffer.from('e'));
  const end = writer.end();
  await until(() => looks > 1);
  // Two pieces are on their way: a third has no room, and the small one behind it does not overtake it.
  assert.deepEqual(stored, ['a', 'b']);
  disk.room = 1_000_000;
  await until(() => stored.length === 5);
  for (const done of acknowledge) done();
  assert.deepEqual(stored, ['a', 'b', 'c', 'd', 'e']);
  assert.equal((await end).bytes, 4 * 65_536 + 1);
});

test('room is kept back on a disk that may get full, never on a roomy one, and given once', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ct-reserve-'));
  try {
    const file = join(dir, 'disk-reserve');
    const reserve = openDiskReserve(dir);
    assert.equal(reserve.release(), false);
    reserve.keep(100_000_000, 4_000_000);
    assert.equal(existsSync(file), false);
    reserve.keep(5_000_000, 4_000_000);
    assert.equal(existsSync(file), false, 'it would leave less than is needed');
    reserve.keep(40_000_000, 4_000_000);
    assert.equal(statSync(file).size, 1_000_000);
    // A service after this one finds it.
    assert.deepEqual([openDiskReserve(dir).release(), existsSync(file)], [true, false]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freedWords, openRoomMaker } from '../../../../services/io/disk/free-room.ts';
import { bytesBelow, type Freeable } from '../../../../services/io/disk/freeable.ts';
import { silent } from '../../../../services/io/log.ts';
import { freeableCaches } from '../../../../services/runner/home/free-caches.ts';
import { inTempDir } from '../../../support/farm-parts.ts';

const hour = 3_600_000;
const now = 1_000 * hour;

/** Things of so many bytes, and a disk that has them back when they are freed. */
function stage(free: number, things: Record<string, { has: number; isLast?: boolean; dir?: string }>) {
  const disk = { free };
  const asked: [string, number, number][] = [];
  const freeables = Object.entries(things).map(([name, thing]): Freeable => {
    const { isLast = false, dir = tmpdir() } = thing;
    return {
      ...{ name, dir, isLast },
      freeLeastUsed: async (bytes, unusedSince) => {
        asked.push([name, bytes, unusedSince]);
        const freed = Math.min(thing.has, bytes);
        thing.has -= freed;
        disk.free += freed;
        return freed;
      },
    };
  });
  const maker = openRoomMaker({ freeables, freeIn: async () => disk.free, now: () => now, logger: silent });
  return { maker, asked, disk, make: () => maker.free({ dir: tmpdir(), free: disk.free, floor: 100 }) };
}

test('room is made until twice the floor is free, of one thing after the other and of none more than is missing', async () => {
  const { make, asked, disk, maker } = stage(40, {
    moments: { has: 30 },
    trees: { has: 500 },
    logs: { has: 500, isLast: true },
  });
  const freed = await make();
  assert.deepEqual(asked, [
    ['moments', 160, now],
    ['trees', 130, now],
  ]);
  assert.equal(disk.free, 200);
  assert.deepEqual([freed?.bytes, maker.last(), maker.totals()], [160, freed, { moments: 30, trees: 130 }]);
});

test('what was used within the hour and what cannot be had again stay while there is more than the floor', async () => {
  const { make, asked, disk } = stage(150, { trees: { has: 10 }, logs: { has: 500, isLast: true } });
  await make();
  assert.deepEqual(asked, [['trees', 50, now - hour]]);
  disk.free = 90;
  await make();
  assert.deepEqual(asked.slice(1), [
    ['trees', 110, now],
    ['logs', 110, now],
  ]);
});

test('nothing is freed on another disk, and what fails is passed over', async () => {
  const { maker, asked } = stage(10, { shared: { has: 500, dir: '/proc' } });
  assert.equal(await maker.free({ dir: tmpdir(), free: 10, floor: 100 }), null);
  assert.deepEqual([asked, maker.last()], [[], null]);
  const broken: Freeable = { name: 'broken', dir: tmpdir(), freeLeastUsed: () => Promise.reject(new Error('no')) };
  const fine: Freeable = { name: 'fine', dir: tmpdir(), freeLeastUsed: async (bytes) => bytes };
  const other = openRoomMaker({ freeables: [broken, fine], freeIn: async () => 0, now: () => now, logger: silent });
  const freed = await other.free({ dir: tmpdir(), free: 0, floor: 2 ** 20 });
  assert.deepEqual(freed?.what, [{ name: 'fine', bytes: 2 ** 21 }]);
  assert.equal(freedWords(freed), `2 MB were freed at ${new Date(now).toISOString()}: 2 MB of fine`);
});

test('of the caches of owners those go first whose jobs ran longest ago, and none of whom a job runs', async () => {
  await inTempDir(async (dir) => {
    const used: Record<string, number> = { busy: 1_000, old: 2_000, middle: 3_000, fresh: 9_000_000 };
    for (const [owner, at] of Object.entries(used)) {
      for (const name of ['npm', 'pip']) {
        mkdirSync(join(dir, 'owners', owner, name), { recursive: true });
        writeFileSync(join(dir, 'owners', owner, name, 'kept'), Buffer.alloc(100_000));
      }
      utimesSync(join(dir, 'owners', owner), at, at);
    }
    const caches = freeableCaches(dir, (owner) => owner === 'busy');
    const before = await bytesBelow(dir);
    const freed = await caches.freeLeastUsed(250_000, 4_000_000);
    assert.equal(before - (await bytesBelow(dir)), freed);
    const left = Object.keys(used).map((owner) => [owner, readdirSync(join(dir, 'owners', owner)).length]);
    assert.deepEqual(Object.fromEntries(left), { busy: 2, old: 0, middle: 1, fresh: 2 });
    await caches.freeLeastUsed(Number.POSITIVE_INFINITY, 4_000_000);
    assert.deepEqual(readdirSync(join(dir, 'owners', 'middle')), []);
    assert.deepEqual(readdirSync(join(dir, 'owners', 'fresh')).length, 2);
  });
});

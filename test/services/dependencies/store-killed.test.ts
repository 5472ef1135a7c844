import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openEntryStore } from '../../../services/dependencies/entry-store.ts';
import { inTempDir } from '../../support/farm-parts.ts';

const rounds = 5;

it('an install whose keeping was ended by kill -9 is there whole or not at all, and leaves nothing half made', () =>
  inTempDir(async (parent) => {
    const dir = join(parent, 'installs');
    mkdirSync(dir);
    for (let round = 0; round < rounds; round += 1) {
      const args = [join(import.meta.dirname, 'store-child.ts'), dir, String(round * 1000)];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      await delay(randomInt(40));
      child.kill('SIGKILL');
      assert.equal((await ended)[1], 'SIGKILL');
      const store = openEntryStore({ dir, mostBytes: 1e9, now: () => 0 });
      const listed = await store.list();
      assert.ok(listed.length > 0);
      for (const { owner, key } of listed) {
        const entry = await store.find(owner, key);
        assert.ok(entry !== null && entry !== 'damaged', key);
        const files = readdirSync(join(entry.dir, 'parts', '0'));
        const written = new Set(
          files.map((name) => readFileSync(join(entry.dir, 'parts', '0', name), 'utf8').split(' ')[0]),
        );
        assert.deepEqual([files.length, written.size], [60, 1]);
        entry.release();
      }
      assert.deepEqual(
        readdirSync(join(dir, 'ann')).filter((name) => name !== 'locks' && !/^[0-9a-f]{64}$/.test(name)),
        [],
      );
    }
  }));

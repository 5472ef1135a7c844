import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { isAppError } from '../../../../services/floor/app-error.ts';
import type { EventLog } from '../../../../services/io/event-log.ts';
import { silent } from '../../../../services/io/log.ts';
import { openPastModels, type PastModels } from '../../../../services/projector/past/past-models.ts';
import { sampleDraft } from '../../../events/stored-payloads.ts';
import { inTempDir } from '../../../support/farm-parts.ts';
import { memoryEventLog } from '../../../support/memory-event-log.ts';
import { until } from '../../../support/until.ts';

type Counting = EventLog & { readonly follows: number[]; hold: Promise<void> | null };

/** A log of tokens t1, t2, …, which notes from where it was followed. */
async function tokenLog(count: number): Promise<Counting> {
  const inner = memoryEventLog();
  for (let n = 1; n <= count; n += 1) await inner.append(sampleDraft('TokenMinted', `t${n}`, { name: `t${n}` }));
  const log: Counting = {
    ...inner,
    follows: [],
    hold: null,
    follow: async (options) => {
      log.follows.push(options.from);
      await log.hold;
      return inner.follow(options);
    },
  };
  return log;
}

const kept = (dir: string) => readdirSync(dir).sort();

async function tokensAt(past: PastModels, seq: number): Promise<number> {
  const { queries, release } = await past.open(seq);
  const found = queries.tokens.list().length;
  release();
  return found;
}

async function withPast(log: EventLog, dir: string, work: (past: PastModels) => Promise<void>, stores = 4) {
  const past = openPastModels({ dir, log, logger: silent, limits: { stores, bytes: 2 ** 30 } });
  await work(past).finally(() => past.close());
}

describe('read models of earlier moments', () => {
  it('hold what the log held then, and are built from the nearest older ones that are kept', () =>
    inTempDir(async (dir) => {
      const log = await tokenLog(30);
      await withPast(log, join(dir, 'h'), async (past) => {
        assert.deepEqual([await tokensAt(past, 10), await tokensAt(past, 20), await tokensAt(past, 15)], [10, 20, 15]);
        assert.deepEqual(log.follows, [1, 11, 11]);
        assert.equal(await tokensAt(past, 0), 0);
        assert.equal(await tokensAt(past, 20), 20);
        assert.equal(log.follows.length, 3, 'what is kept is not built again');
        const there = await past.kept(20);
        assert.equal(there?.queries.tokens.list().length, 20);
        there?.release();
        assert.deepEqual([await past.kept(12), log.follows.length], [null, 3]);
      });
    }));

  it('share one replay among all who ask for the same moment', () =>
    inTempDir(async (dir) => {
      const log = await tokenLog(5);
      await withPast(log, join(dir, 'h'), async (past) => {
        const found = await Promise.all(Array.from({ length: 20 }, () => tokensAt(past, 4)));
        assert.deepEqual(new Set(found), new Set([4]));
        assert.deepEqual(log.follows, [1]);
      });
    }));

  it('say how far they are to who cannot wait, and go on being built', () =>
    inTempDir(async (dir) => {
      const log = await tokenLog(5);
      const { promise, resolve } = Promise.withResolvers<void>();
      log.hold = promise;
      await withPast(log, join(dir, 'h'), async (past) => {
        await assert.rejects(past.open(4, 1), (error) => {
          assert.ok(isAppError(error, 'unavailable') && error.retryAfterSecs !== undefined, String(error));
          return /event 4 is being built: 0 of 4 events/.test(error.message);
        });
        resolve();
        await until(() => existsSync(join(dir, 'h', '4.db')));
        assert.equal(await tokensAt(past, 4), 4);
        assert.equal(log.follows.length, 1);
      });
    }));

  it('are as many as there is room for: those that are in use stay, those not used for longest go', () =>
    inTempDir(async (dir) => {
      const log = await tokenLog(9);
      const folder = join(dir, 'h');
      await withPast(
        log,
        folder,
        async (past) => {
          const used = await past.open(1);
          for (const seq of [2, 3, 2, 4]) await tokensAt(past, seq);
          assert.deepEqual(kept(folder), ['1.db', '4.db']);
          assert.equal(used.queries.tokens.list().length, 1);
          used.release();
          await tokensAt(past, 5);
          assert.deepEqual(kept(folder), ['4.db', '5.db']);
        },
        2,
      );
    }));

  it('are kept over a restart, unless they are of other versions, of another log or of no use', () =>
    inTempDir(async (dir) => {
      const folder = join(dir, 'h');
      const log = await tokenLog(9);
      await withPast(log, folder, async (past) => {
        for (const seq of [3, 5]) await tokensAt(past, seq);
      });
      const db = new Database(join(folder, '5.db'));
      db.exec("UPDATE checkpoint SET versions = 'tokens@0'");
      db.close();
      writeFileSync(join(folder, '7.building'), 'half a file');
      mkdirSync(join(folder, 'a folder'));
      await withPast(log, folder, async (past) => {
        assert.deepEqual(kept(folder), ['3.db']);
        assert.equal(await tokensAt(past, 3), 3);
        assert.equal(log.follows.length, 2);
      });
      const other = await tokenLog(9);
      await withPast(other, folder, async (past) => {
        assert.equal(await tokensAt(past, 6), 6);
        assert.deepEqual(other.follows, [1], 'a store of another log is no beginning');
      });
    }));

  it('end with the service, also while one is being built', () =>
    inTempDir(async (dir) => {
      const log = await tokenLog(3);
      const past = openPastModels({ dir: join(dir, 'h'), log, logger: silent });
      const asked = [past.open(2), past.open(3)].map((one) => one.catch((error: unknown) => error));
      await past.close();
      for (const outcome of await Promise.all(asked)) assert.ok(outcome);
      assert.ok(kept(join(dir, 'h')).every((name) => name.endsWith('.db')));
    }));
});

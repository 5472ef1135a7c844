import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { openEventLog } from '../../../../../services/io/nats/log/jetstream-event-log.ts';
import { openStoreSync, type SyncFiles } from '../../../../../services/io/nats/log/store-sync.ts';
import { sampleDraft } from '../../../../events/stored-payloads.ts';
import { withNats } from '../../../../support/farm-parts.ts';
import { until } from '../../../../support/until.ts';

/** Files whose syncs are written down, and wait until the test lets them go. */
function watchedFiles(blocks: string[]) {
  const done: string[] = [];
  const waiting: (() => void)[] = [];
  let held = false;
  let failing = false;
  const names: string[] = [];
  const finish = async (what: string, fd: number) => {
    if (held) await new Promise<void>((resolve) => waiting.push(resolve));
    if (failing) throw new Error('the disk is broken');
    done.push(`${what} ${names[fd]}`);
  };
  const files: SyncFiles = {
    list: () => [...blocks],
    open: async (path) => names.push(basename(path)) - 1,
    close: async () => {},
    sync: (fd) => finish('fsync', fd),
    syncData: (fd) => finish('fdatasync', fd),
  };
  return {
    sync: openStoreSync('/store/msgs', files),
    done,
    hold: () => {
      held = true;
    },
    letGo: () => {
      held = false;
      for (const resolve of waiting.splice(0)) resolve();
    },
    breakDisk: (is: boolean) => {
      failing = is;
    },
  };
}

describe('the sync of the store', () => {
  it('syncs the last block, and the folder when a block is new in it', async () => {
    const blocks = ['1.blk', '1.idx'];
    const { sync, done } = watchedFiles(blocks);
    await sync.flush();
    await sync.flush();
    assert.deepEqual(done, ['fdatasync 1.blk', 'fsync msgs', 'fdatasync 1.blk']);
  });

  it('syncs every block once before it relies on the newest, and a block that was left once more', async () => {
    const blocks = ['10.blk', '9.blk', '8.blk'];
    const { sync, done } = watchedFiles(blocks);
    await sync.flush();
    assert.deepEqual(done.splice(0), ['fsync 8.blk', 'fsync 9.blk', 'fdatasync 10.blk', 'fsync msgs']);
    blocks.push('11.blk', '12.blk');
    await sync.flush();
    assert.deepEqual(done.splice(0), ['fsync 10.blk', 'fsync 11.blk', 'fdatasync 12.blk', 'fsync msgs']);
    await sync.flush();
    assert.deepEqual(done, ['fdatasync 12.blk']);
  });

  it('covers what was written before it was called, never by a sync that had begun before', async () => {
    const { sync, done, hold, letGo } = watchedFiles(['1.blk']);
    await sync.flush();
    done.splice(0);
    hold();
    const first = sync.flush();
    let [secondOver, thirdOver] = [false, false];
    const second = sync.flush().then(() => {
      secondOver = true;
    });
    const third = sync.flush().then(() => {
      thirdOver = true;
    });
    letGo();
    hold();
    await first;
    assert.deepEqual([done.length, secondOver, thirdOver], [1, false, false]);
    await new Promise((resolve) => setImmediate(resolve));
    letGo();
    await Promise.all([second, third]);
    assert.equal(done.length, 2, 'one sync for all who waited');
  });

  it('fails for everybody whom a broken disk concerns, and works again when it does', async () => {
    const { sync, breakDisk, done } = watchedFiles(['1.blk']);
    breakDisk(true);
    const both = await Promise.allSettled([sync.flush(), sync.flush()]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    breakDisk(false);
    await sync.flush();
    assert.deepEqual(done, ['fdatasync 1.blk', 'fsync msgs']);
  });

  it('finds the blocks of a real server where it looks for them', () =>
    withNats(async ({ log, server }) => {
      await log.append(sampleDraft('TokenRevoked', 'ann', { name: 'ann' }));
      const sync = openStoreSync(server.messagesDir('CT_EVENTS'));
      await sync.flush();
      await sync.close();
    }));

  it('is waited for by an append that must last, and by no other', () =>
    withNats(async ({ nats, log: reader }) => {
      const written = Promise.withResolvers<void>();
      const log = openEventLog({
        nats,
        source: '/test',
        sync: { flush: () => written.promise, close: async () => {} },
      });
      let acknowledged = false;
      const appending = log.append(sampleDraft('TokenRevoked', 'ann', { name: 'ann' })).then(() => {
        acknowledged = true;
      });
      await until(async () => (await reader.end()) === 1, 'the event is in the log');
      // Its answer comes after that of the first, on one connection.
      await log.append(sampleDraft('TokenRevoked', 'bob', { name: 'bob' }), { durable: false });
      assert.equal(acknowledged, false);
      written.resolve();
      await appending;
    }));

  it('fails the append that waited for it, when the disk does', () =>
    withNats(async ({ nats }) => {
      const flush = () => Promise.reject(new Error('the disk is broken'));
      const log = openEventLog({ nats, source: '/test', sync: { flush, close: async () => {} } });
      await assert.rejects(log.append(sampleDraft('TokenRevoked', 'ann', { name: 'ann' })), /the disk is broken/);
    }));
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silent } from '../../../services/io/log.ts';
import type { Bucket, Entry } from '../../../services/io/nats/stores/bucket.ts';
import { holdLease, type Lease } from '../../../services/runner/lease.ts';
import { paced } from '../../support/pace.ts';
import { until } from '../../support/until.ts';

const times = { renewMs: 20, lostAfterMs: paced(200) };

/** A bucket in memory that can be out of reach. */
function memoryBucket() {
  const kept = new Map<string, Entry>();
  let revision = 0;
  let away = false;
  const reach = () => {
    if (away) throw new Error('away');
  };
  const put = async (key: string, value: Uint8Array | string) => {
    reach();
    revision += 1;
    kept.set(key, { value: Buffer.from(value), revision });
    return revision;
  };
  const bucket: Bucket = {
    get: async (key) => kept.get(key) ?? null,
    put,
    create: put,
    update: put,
    erase: async (key) => void kept.delete(key),
    entries: async () => {
      reach();
      return new Map(kept);
    },
  };
  const setAway = (is: boolean) => {
    away = is;
  };
  return { bucket, setAway };
}

type Scene = {
  lease: Lease;
  renew: (runner: string, lease: string) => Promise<number>;
  setAway: (is: boolean) => void;
};

const facts = { host: 'h', slots: 1, containment: 'c', sandbox: 'none', labels: [], draining: false } as const;

async function withLease(work: (scene: Scene & { looks: () => number }) => Promise<void>): Promise<void> {
  const { bucket, setAway } = memoryBucket();
  let looks = 0;
  const onLook = () => {
    looks += 1;
  };
  const lease = await holdLease({ bucket, runner: 'me', facts: () => facts, log: silent, onLook, ...times });
  // The lease's own timer keeps no process alive; a test that waits for it must.
  const awake = setInterval(() => {}, 1_000);
  const renew = (runner: string, id: string) => bucket.put(runner, JSON.stringify({ lease: id }));
  try {
    await work({ lease, renew, setAway, looks: () => looks });
  } finally {
    clearInterval(awake);
    setAway(false);
    await lease.stop();
  }
}

describe('a lease', () => {
  it('of another runner is lost when it has not moved for the time allowed, and not before', () =>
    withLease(async ({ lease, renew, looks }) => {
      await renew('other', 'l1');
      const seenAt = looks();
      await until(() => looks() > seenAt, 'a look');
      assert.equal(lease.isLost('other', 'l1'), false);
      const startedAt = performance.now();
      await until(() => lease.isLost('other', 'l1'), 'the loss');
      assert.ok(performance.now() - startedAt > times.lostAfterMs / 2);
    }));

  it('of a runner that renews it is not lost', () =>
    withLease(async ({ lease, renew, looks }) => {
      await renew('other', 'l1');
      const from = looks();
      let renewed = 0;
      const timer = setInterval(() => {
        renewed += 1;
        void renew('other', 'l1');
      }, 10);
      await until(() => looks() > from + 15 && renewed > 20, 'many looks');
      clearInterval(timer);
      assert.equal(lease.isLost('other', 'l1'), false);
    }));

  it('of an earlier life is lost at once, our own one never', () =>
    withLease(async ({ lease, renew, looks }) => {
      assert.equal(lease.isLost('me', lease.id), false);
      assert.equal(lease.isLost('me', 'an-earlier-one'), true);
      await renew('other', 'l2');
      const from = looks();
      await until(() => looks() > from, 'a look');
      assert.equal(lease.isLost('other', 'l1'), true);
    }));

  it('that no look has shown yet is not lost: its runner may have begun a moment ago', () =>
    withLease(async ({ lease, renew, looks }) => {
      await renew('other', 'l1');
      const from = looks();
      await until(() => looks() > from + times.lostAfterMs / times.renewMs, 'a life longer than the time allowed');
      assert.equal(lease.isLost('new', 'l1'), false, 'a new runner');
      assert.equal(lease.isLost('other', 'l2'), false, 'a new life of a known one');
      await until(() => lease.isLost('new', 'l1'), 'the loss of one that never shows');
    }));

  it('is not lost because the log was away for everybody', () =>
    withLease(async ({ lease, renew, setAway, looks }) => {
      await renew('other', 'l1');
      const before = looks();
      await until(() => looks() > before, 'a look');
      setAway(true);
      const away = performance.now();
      await until(() => performance.now() - away > times.lostAfterMs * 1.5, 'an outage');
      setAway(false);
      const from = looks();
      await until(() => looks() > from, 'a look after it');
      assert.equal(lease.isLost('other', 'l1'), false);
      await until(() => lease.isLost('other', 'l1'), 'the loss of one that stays away');
    }));
});

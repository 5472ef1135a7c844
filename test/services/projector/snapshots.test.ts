import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Objm } from '@nats-io/obj';
import { projections } from '../../../projections/registry.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { type Log, silent } from '../../../services/io/log.ts';
import { subscriberAccount } from '../../../services/io/nats/accounts/client-account.ts';
import { runnerAccount } from '../../../services/io/nats/accounts/runner-permissions.ts';
import {
  openSnapshotStore,
  type SnapshotFacts,
  type SnapshotStore,
} from '../../../services/io/nats/stores/snapshot-store.ts';
import { checksumsOf } from '../../../services/io/read-store.ts';
import { type HostDeps, type HostModels, openHostModels } from '../../../services/projector/host-models.ts';
import { tooMany } from '../../../services/projector/snapshots/keep-snapshots.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { appendMany } from '../../support/append-many.ts';
import { type Parts, withNats } from '../../support/farm-parts.ts';
import { until } from '../../support/until.ts';
import { connectAs, newSubscriber } from '../io/nats/account-stage.ts';

const token = (name: string) => sampleDraft('TokenMinted', name, { name });
const hourMs = 3_600_000;

type Stage = Parts & {
  readonly snapshots: SnapshotStore;
  /** What the hosts said, with the reason where there is one. */
  readonly said: string[];
  /** Opens a host in a folder of its own, or in that of an earlier one; how many events were folded is counted. */
  host(more?: Partial<HostDeps>): Promise<{ models: HostModels; dir: string; folded: () => number }>;
  readonly time: { now: number };
};

/** A log with 1,200 events, and hosts that come to it. */
function withHosts(work: (stage: Stage) => Promise<void>): Promise<void> {
  return withNats(async (parts) => {
    const open: HostModels[] = [];
    const said: string[] = [];
    const say = (facts: { reason?: string }, message?: string) => void said.push(`${message}: ${facts.reason ?? ''}`);
    const logger = { ...silent, info: say, warn: say } as Log;
    const snapshots = openSnapshotStore(parts.nats, async () => 1);
    const time = { now: Date.now() };
    const keeping = { everyEvents: 1_000, mostBytes: 2 ** 30, now: () => time.now };
    const host = async (more: Partial<HostDeps> = {}) => {
      const dir = mkdtempSync(join(parts.dir, 'host-'));
      let folded = 0;
      const log: EventLog = {
        ...parts.log,
        follow: (options) =>
          parts.log.follow({
            ...options,
            onEvent: (event) => {
              folded += 1;
              options.onEvent(event);
            },
          }),
      };
      const models = await openHostModels({
        dir,
        log,
        logger,
        isProjector: true,
        lookEveryMs: 20,
        snapshots,
        keeping,
        ...more,
      });
      open.push(models);
      return { models, dir, folded: () => folded };
    };
    try {
      await appendMany(
        parts.log,
        Array.from({ length: 1_200 }, (_, at) => token(`t${at}`)),
      );
      await work({ ...parts, snapshots, said, host, time });
    } finally {
      for (const one of open) await one.close();
    }
  });
}

const newestOf = (snapshots: SnapshotStore) => snapshots.list().then(([one]) => one ?? null);

describe('snapshots of the read models', () => {
  it('let a further host go on from there, with the same tables as one that folded the whole log', () =>
    withHosts(async ({ log, snapshots, host }) => {
      const first = await host();
      const facts = await until(() => newestOf(snapshots), 'the first snapshot');
      assert.deepEqual([facts.seq, first.models.host().state?.stopped], [1_200, null]);
      await until(() => first.models.host().state?.snapshot?.seq === 1_200, 'the host to say it');
      await log.append(token('later'));
      const second = await host();
      assert.equal(second.folded(), 1);
      assert.equal(await first.models.applied(1_201), true);
      const [one, other] = await Promise.all(
        [first, second].map(({ dir }) => checksumsOf(join(dir, 'read-model.db'), projections)),
      );
      assert.deepEqual(other, one);
      assert.deepEqual(
        readdirSync(second.dir).filter((name) => /fetched|copy/.test(name)),
        [],
      );
    }));

  it('are put down as the log grows, after an hour, and at the end; the old ones go', () =>
    withHosts(async ({ log, snapshots, host, time }) => {
      const { models } = await host();
      await until(() => newestOf(snapshots), 'the first');
      const grow = async (from: number, count: number) => {
        for (let at = 0; at < count; at += 1) await log.append(token(`t${from + at}`), { durable: false });
        await models.applied(await log.end());
      };
      await grow(2_000, 1_000);
      await until(async () => (await newestOf(snapshots))?.seq === 2_200, 'the second');
      await grow(4_000, 1_000);
      await until(async () => (await newestOf(snapshots))?.seq === 3_200, 'the third');
      assert.deepEqual(
        (await snapshots.list()).map(({ seq }) => seq),
        [3_200, 2_200],
      );
      await models.close();
      assert.deepEqual(
        (await snapshots.list()).map(({ seq }) => seq),
        [3_200, 2_200],
        'nothing happened since',
      );
      const rare = { everyEvents: 1_000_000, mostBytes: 2 ** 30, now: () => time.now };
      const again = await host({ keeping: rare });
      for (let at = 0; at < 1_100; at += 1) await log.append(token(`u${at}`), { durable: false });
      await again.models.applied(await log.end());
      time.now += 2 * hourMs;
      await until(async () => (await newestOf(snapshots))?.seq === 4_300, 'one after an hour');
      for (let at = 0; at < 1_100; at += 1) await log.append(token(`v${at}`), { durable: false });
      await again.models.applied(await log.end());
      await again.models.close();
      assert.deepEqual(
        (await snapshots.list()).map(({ seq }) => seq),
        [5_400, 4_300],
      );
    }));

  it('that do not fit are refused in words, and the log is folded', () =>
    withHosts(async ({ nats, snapshots, host, said, log }) => {
      const first = await host();
      const good = await until(() => newestOf(snapshots), 'a snapshot');
      await first.models.close();
      await snapshots.remove(good);
      const refusals: [string, Partial<SnapshotFacts>, RegExp][] = [
        ['of another version', { versions: 'other@1' }, /of other versions/],
        ['ahead of the log', { seq: 9_999 }, /ahead of the log, which ends at 1200: the log was rolled back/],
        ['of another log', { eventId: 'another' }, /another event at its place/],
        ['of other bytes', { sha256: '0'.repeat(64) }, /damaged: its checksum is another one/],
        ['larger than it says', { unpacked: 1_000 }, /damaged or cannot be read: it is larger than it says/],
        [
          'of another moment',
          { seq: 1_199, eventId: (await log.at(1_199))?.eventId ?? '' },
          /does not hold what is said of it/,
        ],
      ];
      // The bytes of the good one, said to be something else.
      const file = join(first.dir, 'packed');
      await repack(first.dir, file);
      for (const [what, wrong, words] of refusals) {
        const facts = { ...good, ...(await sizesOf(file)), ...wrong };
        await snapshots.put(facts, file);
        said.length = 0;
        const { models, folded } = await host({ keeping: { everyEvents: 0, mostBytes: 1, now: Date.now } });
        assert.equal(folded(), 1_200, what);
        assert.ok(
          said.some((line) => line.startsWith('a snapshot was refused: ') && words.test(line)),
          `${what}: ${said.join('\n')}`,
        );
        assert.equal(models.query().tokens.list().length, 1_200);
        await models.close();
        await snapshots.remove(facts);
      }
      // A chunk that is lost on the server.
      const facts = { ...good, ...(await sizesOf(file)) };
      await snapshots.put(facts, file);
      const stream = 'OBJ_CT_SNAPSHOTS';
      const chunk = await nats.jsm.streams.getMessage(stream, { last_by_subj: '$O.CT_SNAPSHOTS.C.*' });
      await nats.jsm.streams.deleteMessage(stream, chunk?.seq ?? 0);
      said.length = 0;
      const { folded } = await host({ keeping: { everyEvents: 0, mostBytes: 1, now: Date.now } });
      assert.equal(folded(), 1_200);
      assert.ok(
        said.some((line) => /a snapshot was refused: it is damaged .*was removed while it was read/.test(line)),
        said.join('\n'),
      );
    }));

  it('take the place of read models of another version, where a host of this version has put some down', () =>
    withHosts(async ({ host, snapshots }) => {
      const older = projections.map((one) => (one.name === 'teams' ? { ...one, version: one.version - 1 } : one));
      const before = await host({ projections: older, keeping: { everyEvents: 0, mostBytes: 1, now: Date.now } });
      await before.models.close();
      await (await host()).models.applied(1_200);
      await until(() => newestOf(snapshots), 'a snapshot of this version');
      const raised = await host({ dir: before.dir });
      assert.deepEqual([raised.folded(), raised.models.status().rebuilding], [0, null]);
    }));

  it('are not for runners and subscribers: the server lets nobody but the farm read them', () =>
    withHosts(async ({ server, snapshots, host }) => {
      await host();
      await until(() => newestOf(snapshots), 'a snapshot');
      const [runner, subscriber] = [newSubscriber('far'), newSubscriber('ann')];
      await server.admit([runnerAccount(runner), subscriberAccount(subscriber)]);
      for (const one of [runner, subscriber]) {
        const connection = await connectAs(one, server.url);
        const refused: string[] = [];
        void (async () => {
          for await (const status of connection.status())
            if (status.type === 'error') refused.push(String(status.error));
        })();
        const subjects = [
          'STREAM.INFO.OBJ_CT_SNAPSHOTS',
          'STREAM.MSG.GET.OBJ_CT_SNAPSHOTS',
          'DIRECT.GET.OBJ_CT_SNAPSHOTS',
          'CONSUMER.CREATE.OBJ_CT_SNAPSHOTS',
        ];
        for (const subject of subjects)
          await assert.rejects(
            connection.request(`$JS.API.${subject}`, '{}', { timeout: 1_000 }),
            /ermission|503|imeout|responders/,
            subject,
          );
        const heard = connection.subscribe('$O.CT_SNAPSHOTS.>');
        await assert.rejects(heard[Symbol.asyncIterator]().next(), /ermission/);
        await assert.rejects(new Objm(connection).open('CT_SNAPSHOTS').then((bucket) => bucket.list()));
        assert.ok(
          refused.some((line) => /ermission/.test(line)),
          refused.join('\n'),
        );
        await connection.close();
      }
    }));

  it('are two of each version, of two versions, and no more bytes than there is room for', () => {
    const one = (seq: number, versions: string, bytes = 1) => ({ seq, versions, bytes }) as SnapshotFacts;
    const there = [one(5, 'b'), one(4, 'a'), one(3, 'a'), one(2, 'b'), one(1, 'c')];
    assert.deepEqual(
      tooMany({ versions: 'a' }, there, 100).map(({ seq }) => seq),
      [3, 1],
    );
    assert.deepEqual(
      tooMany({ versions: 'b' }, there, 100).map(({ seq }) => seq),
      [2, 1],
    );
    assert.deepEqual(
      tooMany({ versions: 'a' }, [one(5, 'b', 60), one(4, 'a', 60)], 100).map(({ seq }) => seq),
      [4],
    );
  });
});

/** What a projector would have stored of the file of a host, by other means. */
async function repack(dir: string, to: string): Promise<void> {
  assert.ok(!existsSync(join(dir, 'read-model.db-wal')), 'the file is whole');
  writeFileSync(to, zstdCompressSync(readFileSync(join(dir, 'read-model.db'))));
}

async function sizesOf(file: string) {
  const bytes = readFileSync(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes: bytes.length, unpacked: zstdDecompressSync(bytes).length, sha256 };
}

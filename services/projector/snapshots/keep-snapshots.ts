import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { messageOf } from '../../floor/app-error.ts';
import type { Log } from '../../io/log.ts';
import type { SnapshotFacts, SnapshotStore } from '../../io/nats/stores/snapshot-store.ts';
import type { Checkpoint } from '../../io/read-store.ts';
import { removeDb } from '../build-read-model.ts';

/** What a snapshot is made of: the read models of this host, as one file. */
export type Copied = {
  readonly seq: () => number;
  readonly versions: string;
  /** Copies the file while it is written to; answers which event is the last one in the copy. */
  copyTo(file: string): Promise<Checkpoint>;
};

export type Keeping = {
  readonly dir: string;
  readonly logger: Log;
  readonly snapshots: SnapshotStore;
  /** Events between two snapshots, where the log is small; 0 = none are made. */
  readonly everyEvents: number;
  /** Bytes that all of them may take on the server. */
  readonly mostBytes: number;
  readonly now: () => number;
};

export type SnapshotKeeper = {
  /** Makes one when it is time for one. It never throws. */
  tend(models: Copied): Promise<void>;
  /** Makes one before the process ends, when enough has happened since the last one. */
  last(models: Copied): Promise<void>;
  /** The last snapshot that is known here, or null. */
  readonly known: () => { readonly seq: number; readonly at: number } | null;
  saw(facts: Pick<SnapshotFacts, 'seq' | 'at'>): void;
};

const hour = 3_600_000;
/** Fewer events are folded sooner than a snapshot is fetched. */
const worthIt = 1_000;
/** Of each version of the read models; while versions change, hosts of both want one. */
const kept = { ofEach: 2, versions: 2 };
/** A large log has a snapshot for each twentieth that it grows by: folding that takes seconds. */
const shareOfLog = 20;
/** How long trouble is left alone, in ms. */
const pauseMs = 60_000;

/** Puts down copies of the read models, so that a further host need not fold the whole log. */
export function keepSnapshots(keeping: Keeping): SnapshotKeeper {
  const { logger, snapshots, everyEvents, now } = keeping;
  let known: { seq: number; at: number } | null = null;
  let notBefore = 0;
  let making: Promise<void> | null = null;

  const isDue = (seq: number) => {
    const fresh = seq - (known?.seq ?? 0);
    if (fresh >= Math.max(everyEvents, seq / shareOfLog)) return true;
    return known !== null && fresh >= worthIt && now() - known.at >= hour;
  };
  const make = async (models: Copied) => {
    try {
      // Another host may have put one down: one is enough for all.
      const newest = (await snapshots.list()).find(({ versions }) => versions === models.versions);
      if (newest && newest.seq > (known?.seq ?? 0)) known = { seq: newest.seq, at: newest.at };
      if (models.seq() - (known?.seq ?? 0) < worthIt && known !== null) return;
      const facts = await store(models, keeping);
      if (facts) known = { seq: facts.seq, at: facts.at };
      else notBefore = now() + hour;
    } catch (error) {
      notBefore = now() + pauseMs;
      logger.warn({ error: messageOf(error) }, 'a snapshot of the read models could not be put down');
    }
  };
  const alone = (models: Copied) => {
    making ??= make(models).finally(() => {
      making = null;
    });
    return making;
  };
  return {
    tend: async (models) => {
      if (everyEvents > 0 && !making && now() >= notBefore && isDue(models.seq())) await alone(models);
    },
    last: async (models) => {
      await making;
      if (everyEvents > 0 && now() >= notBefore && models.seq() - (known?.seq ?? 0) >= worthIt) await alone(models);
    },
    known: () => known,
    saw: ({ seq, at }) => {
      known = { seq, at };
    },
  };
}

/** Copies, packs, stores, and removes what is older. Answers null when it is too large. */
async function store(
  models: Copied,
  { dir, logger, snapshots, mostBytes, now }: Keeping,
): Promise<SnapshotFacts | null> {
  const [copy, packed] = [join(dir, 'read-model.copy.db'), join(dir, 'read-model.copy.zst')];
  try {
    removeDb(copy);
    const { seq, eventId } = await models.copyTo(copy);
    const sha256 = await pack(copy, packed);
    const [bytes, unpacked] = [statSync(packed).size, statSync(copy).size];
    removeDb(copy);
    const facts = { seq, eventId, versions: models.versions, sha256, bytes, unpacked, at: now(), host: hostname() };
    if (bytes > mostBytes) {
      logger.warn({ bytes, most: mostBytes }, 'a snapshot is larger than all of them may be: none is put down');
      return null;
    }
    // First room, then bytes: the server never holds more than it may.
    await removeOld(facts, snapshots, mostBytes - bytes);
    await snapshots.put(facts, packed);
    logger.info({ seq, bytes }, 'a snapshot of the read models was put down');
    return facts;
  } finally {
    for (const file of [copy, packed]) removeDb(file);
  }
}

async function pack(from: string, to: string): Promise<string> {
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      hash.update(piece);
      done(null, piece);
    },
  });
  const packing = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize: 256 * 1024 });
  await pipeline(
    createReadStream(from, { highWaterMark: 1024 * 1024 }),
    packing,
    hashed,
    createWriteStream(to, { mode: 0o600 }),
  );
  return hash.digest('hex');
}

/** Removes what is one too many beside `coming`, and of the rest the oldest until `room` bytes hold it. */
async function removeOld(coming: SnapshotFacts, snapshots: SnapshotStore, room: number): Promise<void> {
  for (const facts of tooMany(coming, await snapshots.list(), room)) await snapshots.remove(facts);
}

/** Which of those that are there have to go before another one comes; `there` is newest first. */
export function tooMany(
  coming: Pick<SnapshotFacts, 'versions'>,
  there: readonly SnapshotFacts[],
  room: number,
): SnapshotFacts[] {
  const versions = [...new Set([coming.versions, ...there.map((one) => one.versions)])].slice(0, kept.versions);
  const counts = new Map([[coming.versions, 1]]);
  let bytes = 0;
  return there.filter((one) => {
    const count = (counts.get(one.versions) ?? 0) + 1;
    const stays = versions.includes(one.versions) && count <= kept.ofEach && bytes + one.bytes <= room;
    if (stays) {
      counts.set(one.versions, count);
      bytes += one.bytes;
    }
    return !stays;
  });
}

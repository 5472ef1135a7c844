import { createHash } from 'node:crypto';
import { createWriteStream, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { Projection } from '../../../projections/define.ts';
import { messageOf } from '../../floor/app-error.ts';
import type { EventLog } from '../../io/event-log.ts';
import type { Log } from '../../io/log.ts';
import type { SnapshotFacts, SnapshotStore } from '../../io/nats/stores/snapshot-store.ts';
import { openReadOnly, versionsOf } from '../../io/read-store.ts';
import { removeDb } from '../build-read-model.ts';

type Fetching = {
  readonly dir: string;
  readonly log: EventLog;
  readonly logger: Log;
  readonly snapshots: SnapshotStore;
  readonly models: readonly Projection[];
};

/**
 * Puts the newest snapshot that fits in the place of the read models. Answers what it was, or null: whoever asks folds the log
 * then, and why is in the log of the service. A snapshot saves work and decides nothing.
 */
export async function fetchSnapshot(fetching: Fetching, name = 'read-model.db'): Promise<SnapshotFacts | null> {
  const { dir, logger, snapshots } = fetching;
  const listed = await snapshots.list().catch((error) => {
    logger.warn({ error: messageOf(error) }, 'snapshots cannot be asked for, the log is folded');
    return [];
  });
  const file = join(dir, 'read-model.fetched.db');
  for (const facts of listed) {
    const refused = (await unfit(facts, fetching)) ?? (await loadInto(file, facts, fetching));
    if (refused === null) {
      removeDb(join(dir, name));
      renameSync(file, join(dir, name));
      logger.info({ seq: facts.seq, host: facts.host }, 'the read model goes on from a snapshot');
      return facts;
    }
    removeDb(file);
    logger.warn({ seq: facts.seq, host: facts.host, reason: refused }, 'a snapshot was refused');
  }
  return null;
}

/** Why a snapshot is not one of this log and version, in words, or null. */
async function unfit({ seq, eventId, versions }: SnapshotFacts, { log, models }: Fetching): Promise<string | null> {
  if (versions !== versionsOf(models)) return 'it is of other versions of the read models';
  const end = await log.end();
  if (seq > end) return `it is ahead of the log, which ends at ${end}: the log was rolled back or exchanged`;
  const event = await log.at(seq).catch(() => null);
  return event?.eventId === eventId ? null : 'the log has another event at its place: it is of another log';
}

/** Writes the file. Answers why it is not what was stored, in words, or null. */
async function loadInto(file: string, facts: SnapshotFacts, { snapshots, models }: Fetching): Promise<string | null> {
  try {
    const stored = await snapshots.get(facts);
    if (!stored) return 'it was removed meanwhile';
    const hash = createHash('sha256');
    const taken = counted(facts.bytes, (piece) => hash.update(piece));
    const unpacked = counted(facts.unpacked, () => {});
    removeDb(file);
    await pipeline(stored, taken, createZstdDecompress(), unpacked, createWriteStream(file, { mode: 0o600 }));
    if (hash.digest('hex') !== facts.sha256) return 'it is damaged: its checksum is another one';
    return heldBy(file, facts, models) ? null : 'it is damaged: it does not hold what is said of it';
  } catch (error) {
    return `it is damaged or cannot be read: ${messageOf(error)}`;
  }
}

/** Passes pieces on, and fails when there are more bytes than were announced. */
function counted(limit: number, see: (piece: Buffer) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      bytes += piece.length;
      see(piece);
      done(bytes > limit ? new Error('it is larger than it says') : null, piece);
    },
  });
}

function heldBy(file: string, { seq, eventId }: SnapshotFacts, models: readonly Projection[]): boolean {
  const store = openReadOnly(file, models);
  try {
    const held = store.checkpoint();
    return store.current && held.seq === seq && held.eventId === eventId;
  } finally {
    store.close();
  }
}

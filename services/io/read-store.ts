import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database, { type Database as Db } from 'better-sqlite3';
import type { Projection } from '../../projections/define.ts';

/** How far a store of read models has come: the last event in it, by sequence and id (0 and '' for none). */
export type Checkpoint = { readonly seq: number; readonly eventId: string };

/** The read models in one SQLite file; their rows and the checkpoint move in one transaction. */
export type ReadStore = {
  readonly db: Db;
  readonly checkpoint: () => Checkpoint;
  /** Whether the file was made by these versions of the read models. */
  readonly current: boolean;
  /** Runs the work and moves the checkpoint, all or nothing. */
  commit(work: () => void, next: Checkpoint): void;
  close(): void;
};

/** Names the versions of all read models: another name means that the file must be rebuilt. */
export function versionsOf(projections: readonly Projection[]): string {
  return projections.map(({ name, version }) => `${name}@${version}`).join(' ');
}

/** Opens a store, and makes its tables when they are missing. `building`: nothing but speed counts until it is complete. */
export function openReadStore(file: string, projections: readonly Projection[], { building = false } = {}): ReadStore {
  const db = new Database(file);
  try {
    return storeOn(db, projections, building);
  } catch (error) {
    // Who cannot open it for want of room tries again and again.
    db.close();
    throw error;
  }
}

function storeOn(db: Db, projections: readonly Projection[], building: boolean): ReadStore {
  db.pragma(`journal_mode = ${building ? 'OFF' : 'WAL'}`);
  db.pragma(`synchronous = ${building ? 'OFF' : 'NORMAL'}`);
  db.pragma('cache_size = -32000');
  db.pragma('mmap_size = 268435456');
  db.pragma('temp_store = MEMORY');
  db.exec(
    'CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, event_id TEXT NOT NULL, versions TEXT NOT NULL)',
  );
  const versions = versionsOf(projections);
  db.prepare("INSERT OR IGNORE INTO checkpoint VALUES (1, 0, '', ?)").run(versions);
  const found = db.prepare<[], string>('SELECT versions FROM checkpoint').pluck().get();
  const current = found === versions;
  if (current) for (const { schema } of projections) db.exec(schema);
  const move = db.prepare('UPDATE checkpoint SET seq = ?, event_id = ? WHERE id = 1');
  const read = db.prepare<[], Checkpoint>('SELECT seq, event_id AS eventId FROM checkpoint');
  const commit = db.transaction((work: () => void, next: Checkpoint) => {
    work();
    move.run(next.seq, next.eventId);
  });
  return {
    db,
    current,
    checkpoint: () => read.get() ?? { seq: 0, eventId: '' },
    commit: (work, next) => commit.immediate(work, next),
    close: () => db.close(),
  };
}

/** The same file as another process of the host reads it. */
export type ReadOnlyStore = {
  readonly db: Db;
  readonly checkpoint: () => Checkpoint;
  readonly current: boolean;
  close(): void;
};

/** Memory of a process that only reads, in KiB: what the file holds lies in the cache of the system, once for all of them. */
const readerCache = 2_000;

/** Opens a store that somebody else writes. Throws when there is none yet. */
export function openReadOnly(file: string, projections: readonly Projection[]): ReadOnlyStore {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    db.pragma(`cache_size = -${readerCache}`);
    db.pragma('mmap_size = 268435456');
    const read = db.prepare<[], Checkpoint>('SELECT seq, event_id AS eventId FROM checkpoint');
    const versions = db.prepare<[], string>('SELECT versions FROM checkpoint').pluck().get();
    return {
      db,
      current: versions === versionsOf(projections),
      checkpoint: () => read.get() ?? { seq: 0, eventId: '' },
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Makes a copy one file that needs no other beside it, and answers how far it is. */
export function madeWhole(file: string): Checkpoint {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = DELETE');
    const find = db.prepare<[], Checkpoint>('SELECT seq, event_id AS eventId FROM checkpoint');
    return find.get() ?? { seq: 0, eventId: '' };
  } finally {
    db.close();
  }
}

/** Rows hashed before others get their turn. */
const rowsAtOnce = 2_000;

/** SHA-256 of the rows of every table of a file: equal logs give equal sums. Reads through a connection of its own. */
export async function checksumsOf(file: string, projections: readonly Projection[]): Promise<Record<string, string>> {
  const db = new Database(file, { readonly: true });
  try {
    db.exec('BEGIN');
    const sums: Record<string, string> = {};
    for (const { tables } of projections) {
      for (const [table, order] of Object.entries(tables)) sums[table] = await checksum(db, table, order);
    }
    return sums;
  } finally {
    db.close();
  }
}

async function checksum(db: Db, table: string, order: string): Promise<string> {
  const hash = createHash('sha256');
  let rows = 0;
  for (const row of db.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).raw().iterate()) {
    hash.update(`${JSON.stringify(row)}\n`);
    rows += 1;
    if (rows % rowsAtOnce === 0) await nextTurn();
  }
  return hash.digest('hex');
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError, messageOf } from '../floor/app-error.ts';
import { makeUsableFolder } from './usable-folder.ts';

export type DataLock = { release(): void };

/**
 * Takes the data folder for this process. The lock is SQLite's on a file of ours: the kernel lets it go with the
 * process, however that ends, and it holds between containers that share the folder.
 * Throws AppError('conflict') when another process has it, ('misconfigured') when it cannot be locked at all.
 */
export function lockDataDir(dataDir: string): DataLock {
  makeUsableFolder(dataDir, 'CRAFTING_DATA_DIR', 0o700);
  const note = join(dataDir, 'lock.pid');
  const file = join(dataDir, 'lock.db');
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db?.close();
    throw (cause as { code?: string }).code === 'SQLITE_BUSY'
      ? new AppError(
          'conflict',
          `${dataDir} is in use by another crafting-table${holder(note)}; stop it or choose another CRAFTING_DATA_DIR.`,
          { cause },
        )
      : new AppError(
          'misconfigured',
          `CRAFTING_DATA_DIR cannot be locked: ${file}: ${messageOf(cause)}; nothing is kept in that file, so it may be removed.`,
          { cause },
        );
  }
  const lock = db;
  writeFileSync(note, String(process.pid));
  return { release: () => lock.close() };
}

function holder(note: string): string {
  try {
    return ` (process ${readFileSync(note, 'utf8')})`;
  } catch {
    return '';
  }
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../floor/app-error.ts';

export type DataLock = { release(): void };

/**
 * Takes the data folder for this process. The lock is SQLite's on a file of ours: the kernel lets it go with the
 * process, however that ends, and it holds between containers that share the folder.
 * Throws AppError('conflict') when another process has it.
 */
export function lockDataDir(dataDir: string): DataLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const note = join(dataDir, 'lock.pid');
  const db = new Database(join(dataDir, 'lock.db'), { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new AppError(
      'conflict',
      `${dataDir} is in use by another crafting-table${holder(note)}; stop it or choose another CRAFTING_DATA_DIR.`,
      {
        cause,
      },
    );
  }
  writeFileSync(note, String(process.pid));
  return { release: () => db.close() };
}

function holder(note: string): string {
  try {
    return ` (process ${readFileSync(note, 'utf8')})`;
  } catch {
    return '';
  }
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { type FileLock, type LockOptions, tryLock } from './file-lock.ts';
import { makeUsableFolder } from './usable-folder.ts';

type DataLock = FileLock;

/**
 * Takes the data folder for this process alone, or with `shared` beside others on a log elsewhere. Throws AppError('conflict')
 * when another process stands in the way, ('misconfigured') when it cannot be locked at all.
 */
export function lockDataDir(dataDir: string, options: LockOptions = {}): DataLock {
  makeUsableFolder(dataDir, 'CRAFTING_DATA_DIR', 0o700);
  const note = join(dataDir, 'lock.pid');
  const lock = lockOn(join(dataDir, 'lock.db'), options);
  if (lock === null)
    throw new AppError(
      'conflict',
      `${dataDir} is in use by another crafting-table${holder(note)}; stop it or choose another CRAFTING_DATA_DIR.`,
    );
  writeFileSync(note, String(process.pid));
  return lock;
}

function lockOn(file: string, options: LockOptions): FileLock | null {
  try {
    return tryLock(file, options);
  } catch (cause) {
    throw new AppError(
      'misconfigured',
      `CRAFTING_DATA_DIR cannot be locked: ${file}: ${messageOf(cause)}; nothing is kept in that file, so it may be removed.`,
      { cause },
    );
  }
}

function holder(note: string): string {
  try {
    return ` (process ${readFileSync(note, 'utf8')})`;
  } catch {
    return '';
  }
}

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';

export type FileLock = { release(): void };

export type LockOptions = {
  /** Many may share it; nobody has it alone meanwhile. */
  readonly shared?: boolean;
};

/** Somebody who only looks whether a shared lock can be had is gone within this time, in ms. */
const sharedPatience = 1_000;

/**
 * Takes a lock, or answers null when somebody else has it. The lock is SQLite's on a file of ours: the kernel lets it go with
 * the process, however that ends, and it holds between containers that share the folder.
 */
export function tryLock(file: string, { shared = false }: LockOptions = {}): FileLock | null {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new Database(file, { timeout: shared ? sharedPatience : 0 });
  try {
    if (shared) {
      db.exec('BEGIN');
      db.prepare('SELECT count(*) FROM sqlite_master').get();
    } else {
      db.pragma('locking_mode = EXCLUSIVE');
      db.exec('BEGIN EXCLUSIVE');
    }
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return { release: () => db.close() };
}

/** Runs the work once the lock is had, of all processes that ask in the same way one at a time. */
export async function whileLocked<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const lock = tryLock(file);
    if (lock) return work().finally(() => lock.release());
    await wait(50);
  }
}

/** Whether somebody else has the lock at this moment. */
export function isLocked(file: string): boolean {
  const lock = tryLock(file);
  lock?.release();
  return lock === null;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_(?:BUSY|LOCKED)/.test(String(error.code));
}

import { close, fdatasync, fsync, open, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What it needs of the file system; a test brings its own. */
export type SyncFiles = {
  readonly list: (dir: string) => string[];
  readonly open: (path: string, flags: string) => Promise<number>;
  readonly close: (fd: number) => Promise<void>;
  /** fsync: data and everything about the file. */
  readonly sync: (fd: number) => Promise<void>;
  /** fdatasync. */
  readonly syncData: (fd: number) => Promise<void>;
};

const ofNode: SyncFiles = {
  list: (dir) => readdirSync(dir),
  open: promisify(open),
  close: promisify(close),
  sync: promisify(fsync),
  syncData: promisify(fdatasync),
};

/**
 * Makes what the embedded server has acknowledged survive a power loss. The server writes an append to its block file
 * before it answers, but leaves the sync to a timer of minutes; an fsync of the same file by us makes it durable on
 * every version of the server. One sync covers every append that waits for it (group commit).
 */
export type StoreSync = { flush(): Promise<void>; close(): Promise<void> };

/** Syncs the blocks of one stream, and the folder when a block is new. `msgsDir` is the stream's `msgs` folder. */
export function openStoreSync(msgsDir: string, files: SyncFiles = ofNode): StoreSync {
  let current: { name: string; fd: number } | undefined;
  let syncedBlock = -1;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  const blockOf = (name: string) => (/^\d+\.blk$/.test(name) ? Number(name.slice(0, -4)) : -1);

  const round = async () => {
    const blocks = files
      .list(msgsDir)
      .map(blockOf)
      .filter((block) => block >= 0)
      .sort((a, b) => a - b);
    const last = blocks.at(-1);
    if (last === undefined) return;
    // A block that was the last one at the previous round may have grown after it: sync it once more, then leave it.
    for (const block of blocks.filter((one) => one >= syncedBlock && one < last))
      await syncOnce(join(msgsDir, `${block}.blk`), files);
    const name = `${last}.blk`;
    if (current?.name !== name) {
      if (current) await files.close(current.fd);
      current = { name, fd: await files.open(join(msgsDir, name), 'r') };
    }
    await files.syncData(current.fd);
    if (syncedBlock !== last) await syncOnce(msgsDir, files);
    syncedBlock = last;
  };

  const flush = (): Promise<void> => {
    if (!running) {
      running = round().finally(() => {
        running = undefined;
      });
      return running;
    }
    queued ??= running
      .catch(() => {})
      .then(() => {
        queued = undefined;
        return flush();
      });
    return queued;
  };

  return {
    flush,
    close: async () => {
      await running?.catch(() => {});
      if (current) await files.close(current.fd);
      current = undefined;
    },
  };
}

async function syncOnce(path: string, files: SyncFiles): Promise<void> {
  let fd: number;
  try {
    fd = await files.open(path, 'r');
  } catch (error) {
    // A block that went away since it was listed needs no sync.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await files.sync(fd);
  } finally {
    await files.close(fd);
  }
}

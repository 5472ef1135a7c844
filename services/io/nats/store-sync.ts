import { close, fdatasync, fsync, open, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const [openFile, closeFile, syncFile, syncData] = [
  promisify(open),
  promisify(close),
  promisify(fsync),
  promisify(fdatasync),
];

/**
 * Makes what the embedded server has acknowledged survive a power loss. The server writes an append to its block file
 * before it answers, but leaves the sync to a timer of minutes; an fsync of the same file by us makes it durable on
 * every version of the server. One sync covers every append that waits for it (group commit).
 */
export type StoreSync = { flush(): Promise<void>; close(): Promise<void> };

/** Syncs the blocks of one stream, and the folder when a block is new. `msgsDir` is the stream's `msgs` folder. */
export function openStoreSync(msgsDir: string): StoreSync {
  let current: { name: string; fd: number } | undefined;
  let syncedBlock = -1;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  const blockOf = (name: string) => (/^\d+\.blk$/.test(name) ? Number(name.slice(0, -4)) : -1);

  const round = async () => {
    const blocks = readdirSync(msgsDir)
      .map(blockOf)
      .filter((block) => block >= 0)
      .sort((a, b) => a - b);
    const last = blocks.at(-1);
    if (last === undefined) return;
    // A block that was the last one at the previous round may have grown after it: sync it once more, then leave it.
    for (const block of blocks.filter((one) => one >= syncedBlock && one < last))
      await syncOnce(join(msgsDir, `${block}.blk`));
    const name = `${last}.blk`;
    if (current?.name !== name) {
      if (current) await closeFile(current.fd);
      current = { name, fd: await openFile(join(msgsDir, name), 'r') };
    }
    await syncData(current.fd);
    if (syncedBlock !== last) await syncOnce(msgsDir);
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
      if (current) await closeFile(current.fd);
      current = undefined;
    },
  };
}

async function syncOnce(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })) return;
  const fd = await openFile(path, 'r');
  try {
    await syncFile(fd);
  } finally {
    await closeFile(fd);
  }
}

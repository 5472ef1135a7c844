import { closeSync, ftruncateSync, mkdirSync, openSync, watch, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where the processes of a host that share its read models leave word for each other. */
export const hostFolder = (dir: string) => join(dir, 'projector');

/** Held by the one that writes. */
export const writerLock = (dir: string) => join(hostFolder(dir), 'writer.lock');

const nameOfMark = 'reached';

/** Says after each commit how far the read models are, so that other processes look. */
export type CommitMark = { write(seq: number): void; close(): void };

/** Opens the mark of the one process that writes. */
export function openMark(dir: string): CommitMark {
  const folder = hostFolder(dir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = openSync(join(folder, nameOfMark), 'w', 0o600);
  return {
    write: (seq) => {
      // A disk that is full must not stop the projector: whoever waits looks by himself after a moment.
      try {
        ftruncateSync(file, 0);
        writeSync(file, `${seq}\n`, 0);
      } catch {}
    },
    close: () => closeSync(file),
  };
}

type MarkWatch = { stop(): void };

/** How often is looked where the kernel tells of nothing, in ms. */
const withoutWatchMs = 100;

/** Calls `look` whenever the folder of the host changes; where the system tells nothing of that, ten times a second. */
export function watchMark(dir: string, look: () => void): MarkWatch {
  const folder = hostFolder(dir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let timer: NodeJS.Timeout | undefined;
  const byTime = () => {
    timer ??= setInterval(look, withoutWatchMs).unref();
  };
  const watcher = watched(folder, look, byTime);
  return {
    stop: () => {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** The kernel gives out only so many watches. */
function watched(folder: string, look: () => void, otherwise: () => void) {
  try {
    const watcher = watch(folder, { persistent: false }, look);
    watcher.on('error', () => {
      watcher.close();
      otherwise();
    });
    return watcher;
  } catch {
    otherwise();
    return null;
  }
}

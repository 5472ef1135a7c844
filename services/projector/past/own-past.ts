import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLog } from '../../io/event-log.ts';
import { type FileLock, tryLock } from '../../io/files/file-lock.ts';
import type { Log } from '../../io/log.ts';
import { openPastModels, type PastModels } from './past-models.ts';

/** The earlier moments of this process, in a folder that no other process of the host has; opened when they are first asked for. */
export type OwnPast = { models(): PastModels; close(): Promise<void> };

type Place = { readonly dir: string; readonly log: EventLog; readonly logger: Log };
type Opened = { readonly models: PastModels; readonly lock: FileLock };

export function openOwnPast({ dir, log, logger }: Place): OwnPast {
  let opened: Opened | null = null;
  const open = (): Opened => {
    for (let number = 1; ; number += 1) {
      const name = nameOf(number);
      const lock = tryLock(join(dir, 'projector', `${name}.lock`));
      if (!lock) continue;
      if (number === 1) removeLeft(dir);
      return { lock, models: openPastModels({ dir: join(dir, name), log, logger }) };
    }
  };
  return {
    models: () => {
      opened ??= open();
      return opened.models;
    },
    close: async () => {
      await opened?.models.close();
      opened?.lock.release();
    },
  };
}

const nameOf = (number: number) => (number === 1 ? 'history' : `history.${number}`);

/** Folders of processes that are gone: there were more of them once. */
function removeLeft(dir: string): void {
  for (const name of readdirSync(dir).filter((one) => /^history\.\d{1,4}$/.test(one))) {
    const lock = tryLock(join(dir, 'projector', `${name}.lock`));
    if (!lock) continue;
    rmSync(join(dir, name), { recursive: true, force: true });
    lock.release();
  }
}

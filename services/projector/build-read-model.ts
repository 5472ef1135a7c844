import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded } from '../../events/registry.ts';
import { projections } from '../../projections/registry.ts';
import type { EventLog, Follower } from '../io/event-log.ts';
import { openReadStore } from '../io/read-store.ts';
import { openApplier } from './apply-events.ts';

export type Progress = { readonly seq: number; readonly target: number };

/** Events in one transaction: larger ones gain nothing and hold up whoever else is in this process. */
export const batchSize = 2_000;

/** A read model that is being built beside the serving one. */
export type Build = {
  readonly file: string;
  /** Applies the events up to `target`. */
  advanceTo(target: number): Promise<void>;
  /** Closes the file and puts it in the place of the serving one, which must be closed. */
  swapIn(): void;
  discard(): void;
};

/** Starts `read-model.next.db` from nothing. */
export function startBuild(dir: string, log: EventLog, onProgress: (progress: Progress) => void): Build {
  const file = join(dir, 'read-model.next.db');
  removeDb(file);
  const store = openReadStore(file, projections, { building: true });
  const applier = openApplier(store, projections);
  return {
    file,
    advanceTo: async (target) => {
      if (applier.seq() >= target) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const settle = () => {
        applier.commit();
        onProgress({ seq: applier.seq(), target });
        if (applier.seq() >= target) resolve();
      };
      const onEvent = (event: Recorded) => {
        if (event.seq > target) return;
        applier.add(event);
        if (applier.pending() >= batchSize || event.seq === target) settle();
      };
      const follower: Follower = await log.follow({ from: applier.seq() + 1, onEvent, onError: reject });
      await promise.finally(() => follower.stop());
    },
    swapIn: () => {
      store.close();
      const serving = join(dir, 'read-model.db');
      removeDb(serving);
      renameSync(file, serving);
    },
    discard: () => {
      store.close();
      removeDb(file);
    },
  };
}

function removeDb(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { UnopenableEvent } from '../../events/envelope.ts';
import type { Recorded } from '../../events/registry.ts';
import type { Projection } from '../../projections/define.ts';
import { projections } from '../../projections/registry.ts';
import { AppError } from '../floor/app-error.ts';
import type { EventLog, Follower } from '../io/event-log.ts';
import { openReadStore } from '../io/read-store.ts';
import { openApplier } from './apply-events.ts';

export type Progress = { readonly seq: number; readonly target: number };

/** What is to be done about a message that nobody can open, as an error of reason `log_stuck`. */
export function stuckAt({ message, seq }: UnopenableEvent): AppError {
  return new AppError(
    'conflict',
    `The log cannot be read beyond ${message}. Upgrade if a newer version wrote it; else an admin passes it over: crafting-table quarantine ${seq} --reason "…".`,
    { name: 'log_stuck' },
  );
}

/** Events in one transaction: larger ones gain nothing and hold up whoever else is in this process. */
export const batchSize = 2_000;

/** A read model that is being built beside the serving one. */
type Build = {
  readonly file: string;
  /** Applies the events up to `target`. */
  advanceTo(target: number): Promise<void>;
  /** Closes the file and gives it this name; what had it before must be closed. */
  swapIn(name?: string): void;
  discard(): void;
};

type BuildOptions = {
  readonly name?: string;
  /** The file is there already, as another build of the same log left it. */
  readonly goesOn?: boolean;
  readonly models?: readonly Projection[];
};

/** Starts `read-model.next.db`, or a file of another name, from nothing. */
export function startBuild(
  dir: string,
  log: EventLog,
  onProgress: (progress: Progress) => void,
  { name = 'read-model.next.db', goesOn = false, models = projections }: BuildOptions = {},
): Build {
  const file = join(dir, name);
  if (!goesOn) removeDb(file);
  const store = openReadStore(file, models, { building: true });
  const applier = openApplier(store, models);
  return {
    file,
    advanceTo: async (target) => {
      if (applier.seq() >= target) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const finish = () => {
        applier.commit();
        onProgress({ seq: applier.seq(), target });
        if (applier.seq() >= target) resolve();
      };
      const onEvent = (event: Recorded) => {
        if (event.seq > target) return;
        applier.add(event);
        if (applier.pending() >= batchSize || event.seq === target) finish();
      };
      const onStuck = (error: UnopenableEvent) => {
        applier.commit();
        reject(stuckAt(error));
      };
      const follower: Follower = await log.follow({ from: applier.seq() + 1, onEvent, onError: reject, onStuck });
      await promise.finally(() => follower.stop());
    },
    swapIn: (as = 'read-model.db') => {
      store.close();
      const serving = join(dir, as);
      removeDb(serving);
      renameSync(file, serving);
    },
    discard: () => {
      store.close();
      removeDb(file);
    },
  };
}

export function removeDb(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

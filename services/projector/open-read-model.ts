import { join } from 'node:path';
import type { Projection } from '../../projections/define.ts';
import { AppError, isAppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import { openReadStore, type ReadStore } from '../io/read-store.ts';
import { type Applier, openApplier } from './apply-events.ts';
import { startBuild } from './build-read-model.ts';
import { type Queries, queriesOn } from './read-models.ts';

/** `frozen`: made by another version; it still answers questions, but takes no more events. */
export type Serving = { store: ReadStore; applier: Applier; queries: Queries; frozen: boolean };

/** Opens the read models of this version; undefined when the file is of another one. */
export function openServing(file: string, projections: readonly Projection[]): Serving | undefined {
  const store = openReadStore(file, projections);
  if (!store.current) {
    store.close();
    return undefined;
  }
  return { store, applier: openApplier(store, projections), queries: queriesOn(store.db), frozen: false };
}

/** The read models of another version, to serve what they know while those of this version are built. */
export function openFrozen(file: string, projections: readonly Projection[]): Serving | undefined {
  const store = openReadStore(file, projections);
  try {
    const { seq } = store.checkpoint();
    const applier: Applier = { add: () => {}, commit: () => {}, seq: () => seq, pending: () => 0 };
    if (seq > 0) return { store, applier, queries: queriesOn(store.db), frozen: true };
  } catch {
    // Its tables are not those that we ask: nothing of it can be shown.
  }
  store.close();
  return undefined;
}

/** Builds the read models of this version before anything is served. */
export async function buildFirst(
  { dir, log, logger }: { dir: string; log: EventLog; logger: Log },
  projections: readonly Projection[],
): Promise<Serving> {
  logger.info({}, 'the read model is built from the first event');
  const build = startBuild(dir, log, () => {}, { models: projections });
  try {
    await build.advanceTo(await log.end());
  } catch (error) {
    // What was built so far is served, so that an operator can ask what to do, and do it.
    if (!isAppError(error) || error.reason !== 'log_stuck') throw error;
    logger.error({ error: error.message }, 'the read model ends where the log cannot be read');
  }
  build.swapIn();
  return reopen(join(dir, 'read-model.db'), projections);
}

/** Opens what was just built. */
export function reopen(file: string, projections: readonly Projection[]): Serving {
  const serving = openServing(file, projections);
  if (!serving) throw new AppError('internal', 'The read model that was just built cannot be opened.');
  return serving;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Projection } from '../../projections/define.ts';
import { projections } from '../../projections/registry.ts';
import { AppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { SnapshotFacts, SnapshotStore } from '../io/nats/stores/snapshot-store.ts';
import { type ReadStore, versionsOf } from '../io/read-store.ts';
import { jobsAtHand } from './jobs-at-hand.ts';
import { buildFirst, openFrozen, openServing } from './open-read-model.ts';
import {
  catchUp,
  closeState,
  copyStore,
  type ProjectorState,
  rebuildBeside,
  seqOf,
  stopAt,
  waitFor,
} from './projector-state.ts';
import type { ReadModels } from './read-models.ts';
import { oneRebuildAtATime, type RebuildOptions, type RebuildProgress, type RebuildReport } from './rebuild-models.ts';
import { fetchSnapshot } from './snapshots/fetch-snapshot.ts';
import type { Copied } from './snapshots/keep-snapshots.ts';

export type ProjectorStatus = {
  readonly seq: number;
  readonly rebuilding: RebuildProgress | null;
  /** The last rebuild that came to an end. */
  readonly rebuilt: RebuildReport | null;
  /** Why the projector stopped, or null. It never skips an event. */
  readonly stopped: string | null;
};

export type RunningProjector = ReadModels & {
  readonly status: () => ProjectorStatus;
  /** Builds a new file from the first event while the old one serves, and swaps it in when it has caught up. */
  rebuild(options?: RebuildOptions): Promise<RebuildReport>;
  close(): Promise<void>;
};

export type ProjectorDeps = {
  readonly dir: string;
  readonly log: EventLog;
  readonly logger: Log;
  readonly onStopped?: (error: unknown) => void;
  /** All of them, unless a test brings its own. */
  readonly projections?: readonly Projection[];
  /** Whoever is told of commits already; they outlive this projector. */
  readonly listeners?: Set<(seq: number) => void>;
  /** Where a host without read models finds some to go on from; it folds the log otherwise. */
  readonly snapshots?: SnapshotStore | null;
  readonly onSnapshot?: (facts: SnapshotFacts) => void;
};

/** The one that writes. */
export type WritingProjector = RunningProjector & Copied;

/** Opens the read models and keeps them at the end of the log. Resolves when they have caught up once. */
export async function startProjector(deps: ProjectorDeps): Promise<WritingProjector> {
  const state = await openState(deps);
  const rebuilds = oneRebuildAtATime(async (options) => {
    try {
      state.rebuilt = await rebuildBeside(state, options);
      return state.rebuilt;
    } finally {
      state.rebuilding = null;
    }
  });
  const close = async () => {
    await rebuilds.settled();
    await closeState(state);
  };
  try {
    if (state.live.frozen) {
      deps.logger.info(
        {},
        'the read model is of another version: it goes on answering while this version builds its own',
      );
      rebuilds.ask().catch((error) => stopAt(state, error));
    } else await catchUp(state);
  } catch (error) {
    await close();
    throw error;
  }
  const seq = () => seqOf(state);
  return {
    query: () => state.live.queries,
    seq,
    enqueued: state.atHand.get,
    onCommit: (listener) => {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
    applied: (wanted, timeoutMs = 5_000) => waitFor(wanted, timeoutMs, seq, state.listeners),
    status: () => ({ seq: seq(), rebuilding: state.rebuilding, rebuilt: state.rebuilt, stopped: state.stopped }),
    rebuild: rebuilds.ask,
    versions: versionsOf(state.models),
    copyTo: (file) => copyStore(state, file),
    close,
  };
}

/** Opens the file of this version, that of another one, or builds it. */
async function openState(deps: ProjectorDeps): Promise<ProjectorState> {
  const { dir, log, logger, onStopped = () => {}, projections: models = projections, listeners = new Set() } = deps;
  const file = join(dir, 'read-model.db');
  const live =
    // A file that is missing would be made, and folded into from the first event on.
    (existsSync(file) ? openServing(file, models) : undefined) ??
    (await openFetched(file, deps, models)) ??
    (existsSync(file) ? openFrozen(file, models) : openServing(file, models)) ??
    (await buildFirst(deps, models));
  try {
    await checkNotRolledBack(live.store, log);
  } catch (error) {
    live.store.close();
    throw error;
  }
  return {
    dir,
    file,
    log,
    logger,
    models,
    onStopped,
    listeners,
    atHand: jobsAtHand(),
    live,
    follower: null,
    rebuilding: null,
    rebuilt: null,
    stopped: null,
    retrying: null,
    turn: new AbortController(),
    closed: false,
    copying: null,
  };
}

async function openFetched(file: string, deps: ProjectorDeps, models: readonly Projection[]) {
  const { dir, log, logger, snapshots, onSnapshot } = deps;
  const facts = snapshots ? await fetchSnapshot({ dir, log, logger, snapshots, models }) : null;
  if (!facts) return undefined;
  onSnapshot?.(facts);
  return openServing(file, models);
}

/** A checkpoint ahead of the log, or on another event, means that the log was rolled back under us: that is never repaired silently. */
async function checkNotRolledBack(store: ReadStore, log: EventLog): Promise<void> {
  const { seq, eventId } = store.checkpoint();
  if (seq === 0) return;
  const found = await log.at(seq);
  if (found?.eventId === eventId) return;
  throw new AppError(
    'conflict',
    `The read model holds event ${seq}, the log ${found ? 'has another one there' : 'ends before it'}: the log was rolled back or exchanged. Restore the log, or remove read-model.db to build the read model from this log.`,
  );
}

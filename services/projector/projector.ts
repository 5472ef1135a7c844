import { join } from 'node:path';
import type { Projection } from '../../projections/define.ts';
import { projections } from '../../projections/registry.ts';
import { AppError, messageOf } from '../floor/app-error.ts';
import type { EventLog, Follower } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import { checksumsOf, type ReadStore } from '../io/read-store.ts';
import { batchSize, type Progress, startBuild, stuckAt } from './build-read-model.ts';
import { jobsAtHand } from './jobs-at-hand.ts';
import { buildFirst, openFrozen, openServing, reopen, type Serving } from './open-read-model.ts';
import { openPastModels, type PastModels } from './past-models.ts';
import type { ReadModels } from './read-models.ts';
import {
  oneRebuildAtATime,
  type RebuildOptions,
  type RebuildProgress,
  type RebuildReport,
  replayAgain,
} from './rebuild-models.ts';

export type ProjectorStatus = {
  readonly seq: number;
  readonly rebuilding: RebuildProgress | null;
  /** The last rebuild of this process that came to an end. */
  readonly rebuilt: RebuildReport | null;
  /** Why the projector stopped, or null. It never skips an event. */
  readonly stopped: string | null;
};

export type RunningProjector = ReadModels & {
  /** The read models as they were. */
  readonly past: PastModels;
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
};

/** Opens the read models and keeps them at the end of the log. Resolves when they have caught up once. */
export async function startProjector(deps: ProjectorDeps): Promise<RunningProjector> {
  const { dir, log, logger, onStopped, projections: all = projections } = deps;
  const file = join(dir, 'read-model.db');
  const listeners = new Set<(seq: number) => void>();
  const atHand = jobsAtHand();
  let follower: Follower | undefined;
  let rebuilding: RebuildProgress | null = null;
  let rebuilt: RebuildReport | null = null;
  let stopped: string | null = null;
  let retrying: NodeJS.Timeout | undefined;
  /** Who follows now. A turn that is over is not heard, whatever its follower still hands over. */
  let turn = new AbortController();

  const stop = (error: unknown) => {
    stopped = messageOf(error);
    logger.error({ error: stopped }, 'projector stopped: an event is never skipped');
    onStopped?.(error);
  };
  let live: Serving = openServing(file, all) ?? openFrozen(file, all) ?? (await buildFirst(deps, all));
  await checkNotRolledBack(live.store, log);

  const commit = () => {
    if (live.applier.pending() === 0) return;
    live.applier.commit();
    const reached = live.applier.seq();
    for (const listener of listeners) listener(reached);
  };
  const follow = async () => {
    turn.abort();
    turn = new AbortController();
    const { signal: over } = turn;
    const heard =
      <A extends unknown[]>(act: (...args: A) => void) =>
      (...args: A) => {
        if (!over.aborted) act(...args);
      };
    const next = await log.follow({
      from: live.applier.seq() + 1,
      onEvent: heard((event) => {
        live.applier.add(event);
        atHand.see(event);
        if (live.applier.pending() >= batchSize) commit();
      }),
      onDrained: heard(commit),
      onStuck: heard((error) => {
        commit();
        stop(stuckAt(error));
      }),
      onPassed: heard((seq) => {
        stopped = null;
        logger.warn({ seq }, 'the projector goes on behind a message that an operator passed over');
      }),
      onError: heard((error) => {
        stop(error);
        if (isDiskTrouble(error)) retry();
      }),
    });
    if (over.aborted) await next.stop();
    else follower = next;
  };
  const pause = async () => {
    turn.abort();
    await follower?.stop();
  };
  /**
   * A disk that is full is no fault of an event: what was not committed is read again from a store that is opened anew, since
   * the models keep in memory what they have not written.
   */
  const retry = () => {
    const { signal: over } = turn;
    retrying = setTimeout(() => {
      if (over.aborted) return;
      const again = async () => {
        const next = openServing(file, all);
        if (!next) throw new AppError('internal', 'The read model cannot be opened again.');
        live.store.close();
        live = next;
        await follow();
        stopped = null;
        logger.warn({ seq: live.applier.seq() }, 'the projector goes on');
      };
      again().catch(retry);
    }, retryMs);
    retrying.unref();
  };
  /** After a pause. What had stopped before is opened anew, as is what cannot follow now. */
  const followAgain = async () => {
    if (stopped !== null) return retry();
    await follow().catch((error) => {
      stop(error);
      retry();
    });
  };
  const models: ReadModels = {
    query: () => live.queries,
    seq: () => live.applier.seq(),
    enqueued: atHand.get,
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    applied: (seq, timeoutMs = 5_000) => waitFor(seq, timeoutMs, () => live.applier.seq(), listeners),
  };
  const rebuild = async ({ verify = false }: RebuildOptions): Promise<RebuildReport> => {
    const startedAtMs = performance.now();
    const passes = verify ? 2 : 1;
    let paused = false;
    const reporting = (pass: number) => (progress: Progress) => {
      rebuilding = { ...progress, pass, passes, startedAtMs };
    };
    const next = startBuild(dir, log, reporting(1), { models: all });
    const over = (report: Omit<RebuildReport, 'durationMs'>) => ({
      ...report,
      durationMs: Math.round(performance.now() - startedAtMs),
    });
    try {
      const target = await log.end();
      await next.advanceTo(target);
      if (verify) {
        const { sums, differs } = await replayAgain(next.file, target, {
          dir,
          log,
          models: all,
          onProgress: reporting(2),
        });
        if (differs.length > 0) {
          next.discard();
          logger.error({ differs }, 'two replays of the same events differ: the read model that serves is kept');
          return over({ seq: target, before: {}, after: sums, switched: false, differs });
        }
      }
      // From here on the old file stands still, so that both end on the same event and can be compared.
      paused = true;
      await pause();
      commit();
      await next.advanceTo(live.applier.seq());
      const before = live.frozen ? {} : await checksumsOf(file, all);
      const after = await checksumsOf(next.file, all);
      live.store.close();
      next.swapIn();
      live = reopen(file, all);
      stopped = null;
      for (const listener of listeners) listener(live.applier.seq());
      return over({ seq: live.applier.seq(), before, after, switched: true, differs: [] });
    } catch (error) {
      next.discard();
      throw error;
    } finally {
      // A rebuild that failed earlier has left the old follower at work: a second one would apply every event twice.
      if (paused && !live.frozen) await followAgain();
    }
  };
  const rebuilds = oneRebuildAtATime((options) =>
    rebuild(options)
      .then((report) => {
        rebuilt = report;
        return report;
      })
      .finally(() => {
        rebuilding = null;
      }),
  );
  if (live.frozen) {
    logger.info({}, 'the read model is of another version: it goes on answering while this version builds its own');
    rebuilds.ask().catch(stop);
  } else {
    const target = await log.end();
    await follow();
    while (stopped === null && live.applier.seq() < target) await models.applied(target, 1_000);
  }
  const past = openPastModels({ dir: join(dir, 'history'), log, logger });
  return {
    ...models,
    past,
    status: () => ({ seq: live.applier.seq(), rebuilding, rebuilt, stopped }),
    rebuild: rebuilds.ask,
    close: async () => {
      clearTimeout(retrying);
      await rebuilds.settled();
      await Promise.all([pause(), past.close()]);
      live.store.close();
    },
  };
}

const retryMs = 1_000;

/** Whether SQLite could not write, for want of room or because the disk failed it. */
function isDiskTrouble(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^SQLITE_(?:FULL|IOERR|BUSY|CANTOPEN|READONLY_DBMOVED)/.test(code);
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

function waitFor(
  seq: number,
  timeoutMs: number,
  reached: () => number,
  listeners: Set<(seq: number) => void>,
): Promise<boolean> {
  if (reached() >= seq) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (answer: boolean) => {
      clearTimeout(timer);
      listeners.delete(listener);
      resolve(answer);
    };
    const listener = (now: number) => {
      if (now >= seq) finish(true);
    };
    const timer = setTimeout(finish, timeoutMs, false);
    listeners.add(listener);
  });
}

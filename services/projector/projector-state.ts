import type { Projection } from '../../projections/define.ts';
import { AppError, messageOf } from '../floor/app-error.ts';
import type { EventLog, Follower } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import { type Checkpoint, checksumsOf, madeWhole } from '../io/read-store.ts';
import { batchSize, type Progress, startBuild, stuckAt } from './build-read-model.ts';
import type { jobsAtHand } from './jobs-at-hand.ts';
import { openServing, reopen, type Serving } from './open-read-model.ts';
import { type RebuildOptions, type RebuildProgress, type RebuildReport, replayAgain } from './rebuild-models.ts';

/** All that a projector knows; its steps below take it, so that a test can take each of them alone. */
export type ProjectorState = {
  readonly dir: string;
  /** The file that serves. */
  readonly file: string;
  readonly log: EventLog;
  readonly logger: Log;
  readonly models: readonly Projection[];
  readonly onStopped: (error: unknown) => void;
  /** Told after each commit, with the sequence reached. */
  readonly listeners: Set<(seq: number) => void>;
  readonly atHand: ReturnType<typeof jobsAtHand>;
  live: Serving;
  follower: Follower | null;
  rebuilding: RebuildProgress | null;
  /** The last rebuild of this projector that came to an end. */
  rebuilt: RebuildReport | null;
  /** Why it stopped, or null. It never skips an event. */
  stopped: string | null;
  retrying: NodeJS.Timeout | null;
  /** Who follows now. A turn that is over is not heard, whatever its follower still hands over. */
  turn: AbortController;
  closed: boolean;
  /** A copy that is being made of the file: it stays open until that is done. */
  copying: Promise<unknown> | null;
};

/** How soon a store that could not be written is opened anew, in ms. */
const retryMs = 1_000;

export const seqOf = ({ live }: Pick<ProjectorState, 'live'>): number => live.applier.seq();

/** Says that the read models do not move any more, and why. */
export function stopAt(state: ProjectorState, error: unknown): void {
  state.stopped = messageOf(error);
  state.logger.error({ error: state.stopped }, 'projector stopped: an event is never skipped');
  state.onStopped(error);
}

/** Commits what was gathered, and tells whoever waits for it. */
function commitGathered(state: ProjectorState): void {
  if (state.live.applier.pending() === 0) return;
  state.live.applier.commit();
  tellReached(state);
}

function tellReached(state: ProjectorState): void {
  const reached = seqOf(state);
  for (const listener of state.listeners) listener(reached);
}

/** Follows the log from where the read models are; whoever followed before is not heard any more. */
async function followOn(state: ProjectorState): Promise<void> {
  const { log, logger } = state;
  state.turn.abort();
  state.turn = new AbortController();
  const { signal: over } = state.turn;
  const heard =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A) => {
      if (!over.aborted) act(...args);
    };
  const next = await log.follow({
    from: seqOf(state) + 1,
    onEvent: heard((event) => {
      state.live.applier.add(event);
      state.atHand.see(event);
      if (state.live.applier.pending() >= batchSize) commitGathered(state);
    }),
    onDrained: heard(() => commitGathered(state)),
    onStuck: heard((error) => {
      commitGathered(state);
      stopAt(state, stuckAt(error));
    }),
    onPassed: heard((seq) => {
      state.stopped = null;
      logger.warn({ seq }, 'the projector goes on behind a message that an operator passed over');
    }),
    onError: heard((error) => {
      stopAt(state, error);
      if (isDiskTrouble(error)) openAnewSoon(state);
    }),
  });
  if (over.aborted) await next.stop();
  else state.follower = next;
}

/** Nothing is applied after this. */
async function pause(state: ProjectorState): Promise<void> {
  state.turn.abort();
  await state.follower?.stop();
}

/** After a pause. What had stopped before is opened anew, as is what cannot follow now. */
async function followAgain(state: ProjectorState): Promise<void> {
  // A turn of its own: who waits for the one that the pause ended waits for ever.
  state.turn = new AbortController();
  if (state.stopped !== null) return openAnewSoon(state);
  await followOn(state).catch((error) => {
    stopAt(state, error);
    openAnewSoon(state);
  });
}

/**
 * A disk that is full is no fault of an event: what was not committed is read again from a store that is opened anew, since the
 * models keep in memory what they have not written.
 */
function openAnewSoon(state: ProjectorState): void {
  if (state.closed) return;
  const { signal: over } = state.turn;
  state.retrying = setTimeout(() => {
    if (!over.aborted) openAnew(state).catch(() => openAnewSoon(state));
  }, retryMs);
  state.retrying.unref();
}

async function openAnew(state: ProjectorState): Promise<void> {
  await state.copying;
  const next = openServing(state.file, state.models);
  if (!next) throw new AppError('internal', 'The read model cannot be opened again.');
  state.live.store.close();
  state.live = next;
  await followOn(state);
  state.stopped = null;
  state.logger.warn({ seq: seqOf(state) }, 'the projector goes on');
}

/** Resolves when the read models have reached the end that the log has now, or cannot. */
export async function catchUp(state: ProjectorState): Promise<void> {
  const target = await state.log.end();
  await followOn(state);
  while (state.stopped === null && seqOf(state) < target && !state.closed)
    await waitFor(target, 1_000, () => seqOf(state), state.listeners);
}

/** Pages copied before others get their turn: some milliseconds. */
const pagesAtOnce = 2_000;

/** Copies the file that serves while it goes on; what is committed meanwhile is in the copy. Answers which event is the last in it. */
export async function copyStore(state: ProjectorState, to: string): Promise<Checkpoint> {
  if (state.live.frozen || state.copying || state.closed)
    throw new AppError('unavailable', 'The read model cannot be copied at the moment.');
  state.copying = state.live.store.db.backup(to, {
    progress: () => (state.closed ? Number.MAX_SAFE_INTEGER : pagesAtOnce),
  });
  try {
    await state.copying;
  } finally {
    state.copying = null;
  }
  return madeWhole(to);
}

/** Builds a new file from the first event while the old one serves, and swaps it in when it has caught up. */
export async function rebuildBeside(state: ProjectorState, { verify = false }: RebuildOptions): Promise<RebuildReport> {
  const { dir, file, log, logger, models } = state;
  const startedAtMs = performance.now();
  const passes = verify ? 2 : 1;
  const reporting = (pass: number) => (progress: Progress) => {
    state.rebuilding = { ...progress, pass, passes, startedAtMs };
  };
  const over = (report: Omit<RebuildReport, 'durationMs'>) => ({
    ...report,
    durationMs: Math.round(performance.now() - startedAtMs),
  });
  const next = startBuild(dir, log, reporting(1), { models });
  let paused = false;
  try {
    const target = await log.end();
    await next.advanceTo(target);
    if (verify) {
      const { sums, differs } = await replayAgain(next.file, target, { dir, log, models, onProgress: reporting(2) });
      if (differs.length > 0) {
        next.discard();
        logger.error({ differs }, 'two replays of the same events differ: the read model that serves is kept');
        return over({ seq: target, before: {}, after: sums, switched: false, differs });
      }
    }
    // From here on the old file stands still, so that both end on the same event and can be compared.
    paused = true;
    await pause(state);
    commitGathered(state);
    await next.advanceTo(seqOf(state));
    const before = state.live.frozen ? {} : await checksumsOf(file, models);
    const after = await checksumsOf(next.file, models);
    await state.copying;
    state.live.store.close();
    next.swapIn();
    state.live = reopen(file, models);
    state.stopped = null;
    tellReached(state);
    return over({ seq: seqOf(state), before, after, switched: true, differs: [] });
  } catch (error) {
    next.discard();
    throw error;
  } finally {
    // A rebuild that failed earlier has left the old follower at work: a second one would apply every event twice.
    if (paused && !state.live.frozen) await followAgain(state);
  }
}

/** Ends everything that goes on, and closes the file. */
export async function closeState(state: ProjectorState): Promise<void> {
  state.closed = true;
  if (state.retrying) clearTimeout(state.retrying);
  await pause(state);
  await state.copying?.catch(() => {});
  state.live.store.close();
}

/** Whether SQLite could not write, for want of room or because the disk failed it. */
function isDiskTrouble(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^SQLITE_(?:FULL|IOERR|BUSY|CANTOPEN|READONLY_DBMOVED)/.test(code);
}

/** Resolves true once `reached` says so, false after the time; `listeners` are told when it may have moved. */
export function waitFor(
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

import { constants, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database, { type Database as Db } from 'better-sqlite3';
import { projections } from '../../../projections/registry.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { EventLog } from '../../io/event-log.ts';
import type { Log } from '../../io/log.ts';
import { type Checkpoint, versionsOf } from '../../io/read-store.ts';
import { startBuild } from '../build-read-model.ts';
import { type Queries, queriesOn } from '../read-models.ts';

/** The read models as they were when the log ended at `seq`. They stay open until `release` is called. */
export type Past = { readonly seq: number; readonly queries: Queries; release(): void };

/** The read models as of earlier points of the log: replayed on demand, a few of them kept. */
export type PastModels = {
  /**
   * Waits until they are built, for at most `patienceMs`. Throws AppError('unavailable') when that takes longer: the
   * replay goes on, and who asks again later finds it further on.
   */
  open(seq: number, patienceMs?: number): Promise<Past>;
  /** The same when they are built already, or null. */
  kept(seq: number): Promise<Past | null>;
  /** Drops kept ones that nobody uses, the least used first, until it is enough; answers how many bytes. */
  freeLeastUsed(bytes: number): Promise<number>;
  close(): Promise<void>;
};

type PastDeps = {
  /** A folder of its own: what else lies in it is removed. */
  readonly dir: string;
  readonly log: EventLog;
  readonly logger: Log;
  readonly limits?: { readonly stores: number; readonly bytes: number };
};

type Kept = { readonly seq: number; readonly file: string; bytes: number; users: number; open: Opened | null };
type Opened = { readonly db: Db; readonly queries: Queries };
type Building = { readonly done: Promise<Kept>; at: number };

const defaultLimits = { stores: 4, bytes: 2 ** 30 };
/** Points of the log that may wait for their turn; one is replayed at a time. */
const mostWaiting = 8;
/** Events between two looks whether we are to stop. */
const stride = 50_000;
const usualPatience = 10_000;

/** What the steps take. `kept`: the stores by the point of the log at which they are, the least recently used first. */
type State = Required<PastDeps> & {
  readonly kept: Map<number, Kept>;
  readonly building: Map<number, Building>;
  turn: Promise<unknown>;
  closed: boolean;
};

/** Opens the stores that an earlier life of the service has left, of these versions; removes all others. */
export function openPastModels({ limits = defaultLimits, ...deps }: PastDeps): PastModels {
  const kept = new Map(leftBehind(deps.dir).map((one) => [one.seq, one]));
  const state: State = { ...deps, limits, kept, building: new Map(), turn: Promise.resolve(), closed: false };
  return {
    kept: (seq) => useKept(state, seq),
    open: async (seq, patienceMs = usualPatience) => {
      const there = await useKept(state, seq);
      if (there) return there;
      const progress = state.building.get(seq) ?? startReplay(state, seq);
      const one = await within(progress.done, patienceMs);
      if (one) return use(state, one);
      throw new AppError(
        'unavailable',
        `The state at event ${seq} is being built: ${progress.at} of ${seq} events are in it. Ask again in a moment.`,
        { retryAfterSecs: 2, name: 'history_building' },
      );
    },
    freeLeastUsed: async (bytes) => {
      let freed = 0;
      for (const one of [...kept.values()].filter(({ users }) => users === 0)) {
        if (freed >= bytes) break;
        drop(state, one);
        freed += one.bytes;
      }
      return freed;
    },
    close: async () => {
      state.closed = true;
      await state.turn;
      for (const { open } of kept.values()) open?.db.close();
    },
  };
}

function drop({ kept }: State, one: Kept): void {
  one.open?.db.close();
  one.open = null;
  kept.delete(one.seq);
  removeStore(one.file);
}

function makeRoom(state: State): void {
  const { kept, limits } = state;
  const total = () => [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  for (const one of [...kept.values()].slice(0, -1)) {
    if (kept.size <= limits.stores && total() <= limits.bytes) return;
    if (one.users === 0) drop(state, one);
  }
}

/** A store may be of a log that was exchanged since. */
async function isOfThisLog({ log }: State, { seq, file }: Kept): Promise<boolean> {
  if (seq === 0) return true;
  return (await log.at(seq))?.eventId === checkpointOf(file)?.eventId;
}

async function nearestBefore(state: State, seq: number): Promise<Kept | null> {
  for (const one of [...state.kept.values()].filter((each) => each.seq < seq).sort((a, b) => b.seq - a.seq)) {
    if (await isOfThisLog(state, one)) return one;
    drop(state, one);
  }
  return null;
}

async function replay(state: State, seq: number, progress: Building): Promise<Kept> {
  const { dir, log, kept } = state;
  mkdirSync(dir, { recursive: true });
  const name = `${seq}.building`;
  const base = await nearestBefore(state, seq);
  if (base) await copyFile(base.file, join(dir, name), constants.COPYFILE_FICLONE);
  const build = startBuild(dir, log, ({ seq: at }) => void Object.assign(progress, { at }), {
    name,
    goesOn: base !== null,
  });
  try {
    for (let target = base?.seq ?? 0; target < seq; ) {
      if (state.closed) throw new AppError('unavailable', 'The service is stopping.');
      target = Math.min(seq, target + stride);
      await build.advanceTo(target);
    }
    build.swapIn(`${seq}.db`);
  } catch (error) {
    build.discard();
    throw error;
  }
  const file = join(dir, `${seq}.db`);
  const one: Kept = { seq, file, bytes: statSync(file).size, users: 0, open: null };
  kept.set(seq, one);
  makeRoom(state);
  return one;
}

function startReplay(state: State, seq: number): Building {
  const { building, logger } = state;
  if (building.size >= mostWaiting)
    throw new AppError('unavailable', `${mostWaiting} earlier moments are being looked up already.`, {
      retryAfterSecs: 5,
    });
  const { promise, resolve, reject } = Promise.withResolvers<Kept>();
  const progress: Building = { done: promise, at: 0 };
  building.set(seq, progress);
  state.turn = state.turn
    .then(() => replay(state, seq, progress))
    .then(resolve, (error) => {
      if (!state.closed)
        logger.warn({ seq, error: messageOf(error) }, 'the state of an earlier moment could not be built');
      reject(error);
    })
    .finally(() => building.delete(seq));
  promise.catch(() => {});
  return progress;
}

function use({ kept }: State, one: Kept): Past {
  kept.delete(one.seq);
  kept.set(one.seq, one);
  one.open ??= opened(one.file);
  one.users += 1;
  let released = false;
  const release = () => {
    if (!released) one.users -= 1;
    released = true;
  };
  return { seq: one.seq, queries: one.open.queries, release };
}

async function useKept(state: State, seq: number): Promise<Past | null> {
  const there = state.kept.get(seq);
  if (there && (there.open || (await isOfThisLog(state, there)))) return use(state, there);
  if (there) drop(state, there);
  return null;
}

function opened(file: string): Opened {
  const db = new Database(file, { readonly: true });
  return { db, queries: queriesOn(db) };
}

function leftBehind(dir: string): Kept[] {
  const found: (Kept & { mtimeMs: number })[] = [];
  for (const name of namesIn(dir)) {
    const file = join(dir, name);
    const seq = /^(\d{1,15})\.db$/.exec(name)?.[1];
    const checkpoint = seq === undefined ? null : checkpointOf(file);
    if (checkpoint && checkpoint.seq === Number(seq)) {
      const { size: bytes, mtimeMs } = statSync(file);
      found.push({ seq: checkpoint.seq, file, bytes, users: 0, open: null, mtimeMs });
    } else removeStore(file);
  }
  return found.sort((a, b) => a.mtimeMs - b.mtimeMs);
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** How far a store is; null when it is not one of these versions. */
function checkpointOf(file: string): Checkpoint | null {
  let db: Db | undefined;
  try {
    db = new Database(file, { readonly: true });
    const find = db.prepare<[string], Checkpoint>('SELECT seq, event_id AS eventId FROM checkpoint WHERE versions = ?');
    return find.get(versionsOf(projections)) ?? null;
  } catch {
    return null;
  } finally {
    db?.close();
  }
}

function removeStore(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true, recursive: true });
}

async function within<T>(work: Promise<T>, patienceMs: number): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, patienceMs, null);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

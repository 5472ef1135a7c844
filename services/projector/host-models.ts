import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { projections } from '../../projections/registry.ts';
import { messageOf } from '../floor/app-error.ts';
import { type FileLock, isLocked, tryLock } from '../io/files/file-lock.ts';
import { type CommitMark, hostFolder, openMark, watchMark, writerLock } from './commit-mark.ts';
import { askForRebuild, type HostState, readState, rebuildsAskedFor, stateWriter } from './host-state.ts';
import { type ModelReader, openModelReader } from './model-reader.ts';
import { type OwnPast, openOwnPast } from './past/own-past.ts';
import type { PastModels } from './past/past-models.ts';
import { type ProjectorDeps, type RunningProjector, startProjector, type WritingProjector } from './projector.ts';
import { waitFor } from './projector-state.ts';
import { type Keeping, keepSnapshots, type SnapshotKeeper } from './snapshots/keep-snapshots.ts';

/** The read models as every process of a host has them: one of them writes, the others read the same file. */
export type HostModels = RunningProjector & {
  /** The read models as they were. */
  readonly past: PastModels;
  /** Who writes on this host, and whether that is this process. */
  readonly host: () => { readonly writes: boolean; readonly state: HostState | null };
  /** What this process says of the read models of its host, when it is the one that writes them. */
  readonly facts: () => (Pick<HostState, 'standsIn' | 'stopped' | 'snapshot'> & { readonly seq: number }) | null;
};

export type HostDeps = ProjectorDeps & {
  /** Whether this process has the role `projector`. Another one writes only while no living process of the host has it. */
  readonly isProjector: boolean;
  /** How often is looked whether the one who writes is still there, in ms. */
  readonly lookEveryMs?: number;
  /** When and how large copies are put down for hosts that have none; missing where nobody else can fetch one. */
  readonly keeping?: Pick<Keeping, 'everyEvents' | 'mostBytes' | 'now'>;
};

type Writing = {
  readonly as: 'writer';
  readonly projector: WritingProjector;
  readonly lock: FileLock;
  readonly mark: CommitMark;
  readonly forget: () => void;
  readonly say: ReturnType<typeof stateWriter>;
  readonly keeper: SnapshotKeeper | null;
};
type Reading = { readonly as: 'reader'; readonly reader: ModelReader };

/** All that a process knows of the read models of its host. */
type Host = {
  readonly deps: HostDeps;
  readonly file: string;
  readonly listeners: Set<(seq: number) => void>;
  part: Writing | Reading;
  /** Held as long as a process with the role lives: whoever only stands in goes out of its way. */
  roleLock: FileLock | null;
  /** A change of part, or a rebuild for somebody else, that is under way. */
  busy: Promise<unknown> | null;
  readonly answering: Set<string>;
  closed: boolean;
};

const usualLook = 500;
/** How long a process that ends waits for its last snapshot, in ms. */
const lastSnapshotMs = 15_000;
/** How often a process says that it waits for the first file, in ms. */
const sayEveryMs = 10_000;

const lockOf = (dir: string, name: string) => join(hostFolder(dir), `${name}.lock`);

/** Opens the read models of this host. Resolves when they can be asked, and have caught up once where this process writes them. */
export async function openHostModels(deps: HostDeps): Promise<HostModels> {
  const { dir, lookEveryMs = usualLook } = deps;
  const listeners = deps.listeners ?? new Set<(seq: number) => void>();
  const roleLock = deps.isProjector ? tryLock(lockOf(dir, 'role')) : null;
  const file = join(dir, 'read-model.db');
  const host: Host = {
    deps: { ...deps, listeners },
    file,
    listeners,
    part: await firstPart({ ...deps, listeners }, file, lookEveryMs).catch((error) => {
      roleLock?.release();
      throw error;
    }),
    roleLock,
    busy: null,
    answering: new Set(),
    closed: false,
  };
  const watch = watchMark(dir, () => seen(host));
  const timer = setInterval(() => tend(host), lookEveryMs).unref();
  const stop = () => {
    watch.stop();
    clearInterval(timer);
  };
  return modelsOf(host, stop, openOwnPast(deps), lookEveryMs);
}

async function firstPart(deps: HostDeps, file: string, lookEveryMs: number): Promise<Writing | Reading> {
  for (let saidAt = 0; ; ) {
    const lock = tryLock(writerLock(deps.dir));
    if (lock) return startWriting(deps, lock);
    const reader = openModelReader(file, deps.projections ?? projections);
    if (reader) return { as: 'reader', reader };
    if (performance.now() - saidAt > sayEveryMs) {
      saidAt = performance.now();
      deps.logger.info({ pid: readState(deps.dir)?.pid ?? null }, 'waiting for the projector of this host');
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, lookEveryMs / 5);
    await promise;
  }
}

async function startWriting(deps: HostDeps, lock: FileLock): Promise<Writing> {
  try {
    const { dir, logger, snapshots, keeping } = deps;
    const keeper = snapshots && keeping ? keepSnapshots({ dir, logger, snapshots, ...keeping }) : null;
    const projector = await startProjector({ ...deps, onSnapshot: (facts) => keeper?.saw(facts) });
    const mark = openMark(deps.dir);
    const forget = projector.onCommit(mark.write);
    const part: Writing = { as: 'writer', projector, lock, mark, forget, say: stateWriter(deps.dir), keeper };
    sayState(part, deps);
    mark.write(projector.seq());
    return part;
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function stopWriting({ projector, mark, forget, lock }: Writing): Promise<void> {
  await projector.close();
  forget();
  mark.close();
  lock.release();
}

function sayState({ projector, say, keeper }: Writing, { isProjector }: HostDeps): void {
  const { stopped, rebuilding, rebuilt } = projector.status();
  say({ standsIn: !isProjector, stopped, rebuilding, rebuilt, snapshot: keeper?.known() ?? null });
}

/** Looks whether the one who writes has written, and tells whoever waits for it. Answers how far the file is; it never throws. */
function seen(host: Host): number {
  const { part } = host;
  if (part.as === 'writer') return part.projector.seq();
  try {
    if (!host.closed && part.reader.look()) for (const listener of host.listeners) listener(part.reader.seq());
  } catch (error) {
    host.deps.logger.debug({ error: messageOf(error) }, 'the read models of this host could not be looked at');
  }
  return part.reader.seq();
}

/** What is done every moment: whoever writes hears what others want of him, all others see whether he is still there. */
function tend(host: Host): void {
  seen(host);
  if (host.closed) return;
  try {
    if (host.part.as === 'writer') serveHost(host, host.part);
    else if (!host.busy) standBy(host, host.part.reader);
  } catch (error) {
    host.deps.logger.debug({ error: messageOf(error) }, 'the folder of the projector could not be looked at');
  }
}

function standBy(host: Host, reader: ModelReader): void {
  const { dir, isProjector } = host.deps;
  if (isProjector) host.roleLock ??= tryLock(lockOf(dir, 'role'));
  // Who only stands in leaves it to a process that has the role, as long as one lives.
  else if (isLocked(lockOf(dir, 'role'))) return;
  const lock = tryLock(writerLock(dir));
  if (lock) doAlone(host, () => takeOver(host, reader, lock));
}

function serveHost(host: Host, part: Writing): void {
  const { dir, isProjector } = host.deps;
  void part.keeper?.tend(part.projector);
  sayState(part, host.deps);
  for (const asked of rebuildsAskedFor(dir)) {
    if (asked.id === undefined || host.answering.has(asked.id)) continue;
    const { id } = asked;
    host.answering.add(id);
    part.projector
      .rebuild({ verify: asked.verify })
      .then(
        (report) => {
          sayState(part, host.deps);
          asked.done(report);
        },
        (error) => asked.failed(error),
      )
      .catch((error) => host.deps.logger.debug({ error: messageOf(error) }, 'a rebuild could not be answered'))
      .finally(() => host.answering.delete(id));
  }
  const isWanted = !isProjector && !host.busy && host.answering.size === 0 && !part.projector.status().rebuilding;
  if (isWanted && isLocked(lockOf(dir, 'role'))) doAlone(host, () => stepDown(host, part));
}

function doAlone(host: Host, work: () => Promise<void>): void {
  host.busy = work()
    .catch((error) =>
      host.deps.logger.warn(
        { error: messageOf(error) },
        'the read models of this host cannot be taken over, trying again',
      ),
    )
    .finally(() => {
      host.busy = null;
    });
}

/** The one who wrote is gone, and this process writes from here on. */
async function takeOver(host: Host, reader: ModelReader, lock: FileLock): Promise<void> {
  const part = await startWriting(host.deps, lock);
  host.part = part;
  reader.close();
  host.deps.logger.info({ seq: part.projector.seq() }, 'this process writes the read models of this host from here on');
  for (const listener of host.listeners) listener(part.projector.seq());
}

/** A process with the role `projector` has come: it writes, and this one reads. */
async function stepDown(host: Host, part: Writing): Promise<void> {
  const reader = openModelReader(host.file, host.deps.projections ?? projections);
  if (!reader) return;
  host.part = { as: 'reader', reader };
  await stopWriting(part);
  host.deps.logger.info({ seq: reader.seq() }, 'a process with the role projector writes the read models of this host');
}

function modelsOf(host: Host, stop: () => void, past: OwnPast, lookEveryMs: number): HostModels {
  const { dir } = host.deps;
  const seq = () => (host.part.as === 'writer' ? host.part.projector.seq() : host.part.reader.seq());
  return {
    query: () => (host.part.as === 'writer' ? host.part.projector.query() : host.part.reader.queries()),
    seq,
    enqueued: (jobId) => (host.part.as === 'writer' ? host.part.projector.enqueued(jobId) : undefined),
    onCommit: (listener) => {
      host.listeners.add(listener);
      return () => host.listeners.delete(listener);
    },
    applied: async (wanted, timeoutMs = 5_000) =>
      // A reader looks before it waits: the word that something moved may still be on its way.
      seq() >= wanted || waitFor(wanted, timeoutMs, () => seen(host), host.listeners),
    status: () => {
      if (host.part.as === 'writer') return host.part.projector.status();
      const { stopped = null, rebuilding = null, rebuilt = null } = readState(dir) ?? {};
      return { seq: seq(), stopped, rebuilding, rebuilt };
    },
    rebuild: (options = {}) =>
      host.part.as === 'writer'
        ? host.part.projector.rebuild(options)
        : askForRebuild(dir, options, lookEveryMs / 5, () => host.closed),
    facts: () => {
      const { part } = host;
      if (part.as === 'reader') return null;
      const { seq: at, stopped } = part.projector.status();
      const snapshot = part.keeper?.known() ?? null;
      return { standsIn: !host.deps.isProjector, seq: at, stopped, snapshot };
    },
    host: () => ({ writes: host.part.as === 'writer', state: readState(dir) }),
    get past() {
      return past.models();
    },
    close: async () => {
      if (host.closed) return;
      host.closed = true;
      stop();
      await host.busy;
      if (host.part.as === 'writer') {
        await Promise.race([
          host.part.keeper?.last(host.part.projector),
          wait(lastSnapshotMs, undefined, { ref: false }),
        ]);
        await stopWriting(host.part);
      } else host.part.reader.close();
      host.roleLock?.release();
      await past.close();
    },
  };
}

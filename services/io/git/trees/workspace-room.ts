import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import {
  certificatesKey,
  gitEnvironment,
  globalGitConfig,
  type Trusted,
  withSettings,
} from '../mirrors/git-environment.ts';
import { closing, missingCommit } from '../mirrors/git-failure.ts';
import { createGitProcesses } from '../mirrors/git-processes.ts';
import * as mirror from '../mirrors/mirror-store.ts';
import { sweepMirrors } from '../mirrors/mirror-upkeep.ts';
import { refuseOwnFolder } from '../mirrors/own-folder.ts';
import type { Moved } from '../mirrors/redirects.ts';
import { checkSha } from '../mirrors/ref-name.ts';
import { checkRemote, type Remote } from '../mirrors/remote-url.ts';
import { sweepQuarantines } from '../patches/quarantine.ts';
import { createSlotPool } from './slot-pool.ts';

/** `dir` belongs to one machine; several processes on it may share it. Times are in milliseconds. */
export type WorkspaceOptions = {
  dir: string;
  allowLocal: boolean;
  /** Servers with certificates of their own, as PEM, which are trusted there beside the usual ones. */
  trusted?: readonly Trusted[];
  /** Folders of the farm beside `dir`: none of them may be named as a repository. */
  closed?: readonly string[];
  /** Clean trees kept for each repository; as many as the machine has cores unless told. */
  idlePerMirror?: number;
  /** Clean trees kept in all; four times that unless told. */
  idleInAll?: number;
  lookupTimeoutMs?: number;
  fetchTimeoutMs?: number;
  cleanTimeoutMs?: number;
  /** The pauses before a remote in trouble is asked again; two of them, 1 and 4 s, unless told. */
  retryPausesMs?: readonly number[];
  /** Mirrors with as many bytes of packs are pushed by git alone; 128 MiB unless told. */
  largestPacks?: number;
  /** Told of what went wrong in the background; secrets are taken out. */
  onTrouble?: (what: string, error: unknown) => void;
  now?: () => number;
};

/** A remote that took longer to fail is not asked again: a job waits for it. */
const triesForMs = 90_000;

/** The state of a workspace, which its steps take: what they run git with, its mirrors and trees, and what is underway. */
export type WorkspaceRoom = ReturnType<typeof workspaceRoom>;

/**
 * The state of a workspace that is just opened; nothing is touched.
 * Long: one value, the parts of which are made of each other.
 */
export function workspaceRoom(options: WorkspaceOptions) {
  const dir = path.resolve(options.dir);
  const home = path.join(dir, 'home');
  const globalConfig = path.join(dir, 'gitconfig');
  const { now = Date.now, trusted = [], onTrouble = () => {}, fetchTimeoutMs = 600_000 } = options;
  const { cleanTimeoutMs = 300_000, idlePerMirror = availableParallelism() } = options;
  // Apart, because closing stops what talks to remotes and waits for what cleans.
  const remoteProcesses = createGitProcesses();
  const processes = createGitProcesses();
  const authorities = trusted.map(({ url, ca }, at) => ({ url, ca, file: path.join(dir, `ca-${at}.pem`) }));
  const env = withSettings(
    gitEnvironment(process.env, { home, ceiling: dir, globalConfig, allowLocal: options.allowLocal }),
    authorities.map(({ url, file }) => [certificatesKey(url), file]),
  );
  const stop = new AbortController();
  const moved: Moved = new Map();
  const remotes = { processes: remoteProcesses, env };
  const local = { processes, env, timeoutMs: cleanTimeoutMs };
  const tries = { pausesMs: options.retryPausesMs ?? [1_000, 4_000], budgetMs: triesForMs, stopping: stop.signal };
  const tips = { ...remotes, home, timeoutMs: options.lookupTimeoutMs ?? 30_000 };
  const mirrorsDir = path.join(dir, 'mirrors');
  const largestPacks = options.largestPacks ?? 128 * 1024 * 1024;
  return {
    dir,
    home,
    globalConfig,
    allowLocal: options.allowLocal,
    /** Folders that are named by nobody as a repository. */
    own: [options.dir, ...(options.closed ?? [])],
    authorities,
    now,
    remoteProcesses,
    stop,
    tries,
    fetchTimeoutMs,
    mirrorsDir,
    mirrors: mirror.openMirrorStore({
      ...remotes,
      fetchTimeoutMs,
      moved,
      tips,
      tries,
      onTrouble,
      dir: mirrorsDir,
      now,
    }),
    pool: createSlotPool({
      ...local,
      folderMode: 0o777 & ~process.umask(),
      dir: path.join(dir, 'slots'),
      asideDir: path.join(dir, 'aside'),
      idlePerMirror,
      idleInAll: options.idleInAll ?? idlePerMirror * 4,
      now,
      onTrouble,
    }),
    reading: { ...local, draftsDir: path.join(dir, 'drafts') },
    pushing: { ...remotes, timeoutMs: fetchTimeoutMs, stopping: stop.signal, largestPacks, moved },
    underway: new Set<Promise<unknown>>(),
    closed: false,
    opening: undefined as Promise<void> | undefined,
  };
}

/** Puts right what processes that died left behind, and writes what git is configured with. */
export async function sweepRoom({ home, globalConfig, ...room }: WorkspaceRoom): Promise<void> {
  await mkdir(home, { recursive: true });
  const config = globalGitConfig(room.allowLocal);
  // Not written over while another process may be reading it.
  if ((await readFile(globalConfig, 'utf8').catch(() => undefined)) !== config) await writeFile(globalConfig, config);
  for (const { file, ca } of room.authorities) await writeFile(file, [...rootCertificates, ca].join('\n'));
  await sweepMirrors(room.mirrors);
  await room.pool.sweep();
  await sweepQuarantines(room.reading.draftsDir);
}

/** Swept once before the first use, and again when that failed. */
export function readied(room: WorkspaceRoom): Promise<void> {
  room.opening ??= sweepRoom(room).catch((error) => {
    room.opening = undefined;
    throw error;
  });
  return room.opening;
}

/** Counts a user of a remote's mirror in, once it is allowed; the answer counts it out. */
export async function enter(room: WorkspaceRoom, remote: Remote): Promise<() => void> {
  if (room.closed) throw closing();
  checkRemote(remote, room);
  refuseOwnFolder(remote.url, room.own);
  await readied(room);
  return mirror.use(room.mirrors, remote);
}

/** What closing waits for. */
export function counted<T>({ underway }: WorkspaceRoom, operation: Promise<T>): Promise<T> {
  underway.add(operation);
  operation.finally(() => underway.delete(operation)).catch(() => {});
  return operation;
}

/** Does something with the mirror once it has these commits, which this credential may see. */
export function withCommits<T>(
  room: WorkspaceRoom,
  remote: Remote,
  shas: readonly string[],
  work: (dir: string) => Promise<T>,
): Promise<T> {
  const { mirrors } = room;
  const bringAll = async (): Promise<T> => {
    shas.forEach(checkSha);
    const leave = await enter(room, remote);
    try {
      await mirror.checkAccess(mirrors, remote);
      return await mirror.healing(mirrors, remote, async () => {
        for (const sha of shas) if (!(await mirror.bring(mirrors, remote, sha))) throw missingCommit(remote, sha);
        return work(mirror.mirrorOf(mirrors, remote).dir);
      });
    } finally {
      leave();
    }
  };
  return counted(room, bringAll());
}

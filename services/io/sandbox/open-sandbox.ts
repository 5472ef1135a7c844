import { existsSync, realpathSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { Network } from '../../../events/projects/project.ts';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import type { SandboxLevel } from '../../floor/sandbox-level.ts';
import { ownerLives, ownerTag } from '../git/trees/process-owner.ts';
import type { Processes } from '../process/open-processes.ts';
import type { Confinement, Layer } from '../process/run-request.ts';
import { bwrapArguments, homePlace, proxyEnvironment, treePlace } from './bwrap-arguments.ts';
import { callFilter } from './call-filter.ts';
import { openEgressProxy } from './egress-proxy.ts';
import { type Probed, probeSandbox } from './probe-sandbox.ts';
import { findShownPaths, type ShownPaths, withoutHidden } from './shown-paths.ts';

/** One job: its tree, the folders beside it that it has and those that it may read, what network it gets, and its limits. */
export type CellOrder = {
  readonly tree: string;
  readonly cwd: string;
  /** Holds HOME, and what is laid over the caches. */
  readonly dir: string;
  readonly home: string;
  readonly caches: string;
  readonly layers: readonly Layer[];
  readonly read: readonly string[];
  /** As a project says it, or a socket of somebody else's that is its only way out. */
  readonly network: Network | { readonly socket: string };
  /** Sockets that are shown to it, by the names that they have below `/run/crafting-table`. */
  readonly sockets?: Readonly<Record<string, string>>;
  readonly processes: number;
  readonly memoryBytes: number;
  readonly onDenied: (what: string) => void;
};

/** What the launcher is told, and what a job's environment gets besides. */
export type Cell = {
  readonly confine?: Confinement;
  readonly env: Readonly<Record<string, string>>;
  release(): Promise<void>;
};

export type Sandbox = {
  readonly level: SandboxLevel;
  /** Where jobs see their HOME; null: where it lies. */
  readonly homeSeenAt: string | null;
  /** Where jobs see their tree; null: where it lies. */
  readonly treeSeenAt: string | null;
  /** Whether a job can be shown a folder that is laid over another. */
  readonly hasLayers: boolean;
  /** Whether each job has a user of its own; without, it has the service's. */
  readonly hasOwnUser: boolean;
  /** Makes the place for one job. A network that the level cannot hold is not to be asked for. */
  prepare(order: CellOrder): Promise<Cell>;
  close(): Promise<void>;
};

export type SandboxOptions = {
  readonly want: 'auto' | SandboxLevel;
  readonly processes: Processes;
  /** The environment that every recipe starts from. */
  readonly env: Readonly<Record<string, string>>;
  readonly cacheDir: string;
  /** Folders of the farm, which no job sees. */
  readonly own: readonly string[];
  /** What the operator shows to jobs besides the tools that are found. */
  readonly show: readonly string[];
};

const mostEgressBytes = 20 * 2 ** 30;
const mostScratchBytes = 4 * 2 ** 30;

/** Finds out what this machine can do by doing it. AppError('unavailable') when a level that was named does not work. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { want, processes, env, cacheDir, own, show } = options;
  if (want === 'none') return open('none', processes);
  const shown = findShownPaths({ env, own: [...own, cacheDir], extra: show });
  const program = toolOnPath('bwrap', { PATH: `${env['PATH'] ?? ''}:/usr/bin` });
  const places = [own.at(-1), cacheDir].map((folder) => (folder && existsSync(folder) ? folder : tmpdir()));
  const dir = await makePlace();
  const close = () => rm(dir, { recursive: true, force: true, maxRetries: 3 });
  const calls = await writeFilter(dir);
  const probed = await probeSandbox({ want, processes, env, shown, program, places, calls }).catch(async (error) => {
    await close();
    throw error;
  });
  if (probed.level === 'none') {
    await close();
    return open('none', processes);
  }
  if (probed.level === 'reduced')
    return { ...open('reduced', processes), prepare: inLandlock(shown, { own, dir, calls }), close };
  const { hasLayers, hasOwnUser } = probed;
  const prepare = inBwrap(probed, { shown, dir, calls });
  return { level: 'bwrap', homeSeenAt: homePlace, treeSeenAt: treePlace, hasLayers, hasOwnUser, prepare, close };
}

/** What a level is where nothing is hidden. */
function open(level: SandboxLevel, processes: Processes): Sandbox {
  return {
    level,
    homeSeenAt: null,
    treeSeenAt: null,
    hasLayers: processes.containment === 'pid-namespace',
    hasOwnUser: false,
    prepare: async ({ layers }) => ({ ...(layers.length > 0 ? { confine: { layers } } : {}), ...nothingMore }),
    close: async () => {},
  };
}

const nothingMore = { env: {}, release: async () => {} };
const placePrefix = 'ct-sandbox-';

/** A folder for sockets and what is temporary; those of processes that died are removed. */
async function makePlace(): Promise<string> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(placePrefix));
  const left = names.filter((name) => !ownerLives(name.slice(placePrefix.length).split('-')[0] ?? ''));
  await Promise.allSettled(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  return mkdtemp(join(tmpdir(), `${placePrefix}${ownerTag()}-`));
}

/** Leaves the filter of system calls where the launcher and sandboxes read it. */
async function writeFilter(dir: string): Promise<string | null> {
  const filter = callFilter();
  if (filter === null) return null;
  const file = join(dir, 'calls.bpf');
  await writeFile(file, filter, { mode: 0o644 });
  return file;
}

type Places = { shown: ShownPaths; dir: string; calls: string | null };

function inBwrap(probed: Extract<Probed, { level: 'bwrap' }>, { shown, dir: socketsDir, calls }: Places) {
  const { program, proc, hasOwnUser } = probed;
  // What root alone may read is shown as the user's, to be read.
  const closed = shown.paths.filter((path) => (statSync(path).mode & 0o005) === 0);
  let last = 0;
  return async (order: CellOrder): Promise<Cell> => {
    const {
      tree,
      cwd,
      dir,
      home,
      caches,
      layers,
      read,
      network,
      sockets = {},
      processes,
      memoryBytes,
      onDenied,
    } = order;
    const place = {
      ...{ program, proc, shown, read, home, tree, processes, calls, sockets, ownUser: hasOwnUser },
      cwd: join(treePlace, relative(realpathSync(tree), realpathSync(cwd))),
      write: [caches],
      scratchBytes: Math.min(memoryBytes, mostScratchBytes),
    };
    const outside = [...layers.map(({ lower }) => lower), caches].filter(
      (path) => !`${path}${sep}`.startsWith(dir + sep),
    );
    const own = [tree, dir, ...read, ...outside, ...closed];
    const confine = { layers, ...(hasOwnUser ? { own } : {}) };
    const env = { TMPDIR: '/tmp' };
    if (typeof network === 'string')
      return { ...nothingMore, confine: { ...confine, wrap: bwrapArguments({ ...place, network }) }, env };
    if ('socket' in network) {
      const wrap = bwrapArguments({ ...place, network });
      return { ...nothingMore, confine: { ...confine, wrap }, env: { ...env, ...proxyEnvironment } };
    }
    const socket = join(socketsDir, `egress-${++last}.sock`);
    const proxy = await openEgressProxy({ socket, allow: network.allow, onDenied, maxBytes: mostEgressBytes });
    const wrap = bwrapArguments({ ...place, network: { socket } });
    return { confine: { ...confine, wrap }, env: { ...env, ...proxyEnvironment }, release: () => proxy.close() };
  };
}

function inLandlock(shown: ShownPaths, { own, dir, calls }: Omit<Places, 'shown'> & { own: readonly string[] }) {
  const tools = withoutHidden(shown);
  // Landlock cannot take anything away below a folder that it shows.
  const isOpen = (folder: string) => ![...own, dir].some((one) => one.startsWith(folder + sep));
  const common = ['/tmp', '/var/tmp', '/dev/shm'].filter(isOpen);
  let last = 0;
  return async ({ tree, home, caches, layers, read, network }: CellOrder): Promise<Cell> => {
    const scratch = join(dir, `tmp-${++last}`);
    await mkdir(scratch, { mode: 0o700 });
    const reach = { read: [...tools, '/proc', ...read], write: [tree, home, caches, scratch, ...common] };
    return {
      confine: {
        reach,
        layers,
        ...(calls === null ? {} : { calls }),
        ...(network === 'off' ? { noInternet: true } : {}),
      },
      env: { TMPDIR: scratch },
      release: () => rm(scratch, { recursive: true, force: true, maxRetries: 3 }),
    };
  };
}

import { chmodSync, existsSync, realpathSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { Network } from '../../../events/projects/project.ts';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import type { SandboxLevel } from '../../floor/sandbox-level.ts';
import { temporaryPlace } from '../files/temporary-place.ts';
import { claimUsers, isMachineRoot } from '../process/job-users.ts';
import type { Processes } from '../process/open-processes.ts';
import type { Confinement, Layer } from '../process/run-request.ts';
import { bwrapArguments, homePlace, proxyEnvironment, treePlace } from './bwrap-arguments.ts';
import { callFilter } from './call-filter.ts';
import { openEgressProxy } from './egress-proxy.ts';
import { behindClosed, openJobUsers, outermost } from './job-user.ts';
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
  /** Whether each job has a user of its own; without, it has the service's, which is not root then. */
  readonly hasOwnUser: boolean;
  /** Makes the place for one job. A network that the level cannot hold is not to be asked for. */
  prepare(order: CellOrder): Promise<Cell>;
  close(): Promise<void>;
};

type SandboxOptions = {
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

/**
 * Finds out what this machine can do by doing it. AppError('misconfigured') when a level that was named does not work, and
 * where jobs of a service that root started would be root.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { want, processes, env, cacheDir, own, show } = options;
  if (want === 'none' && !isMachineRoot()) return open(processes);
  const shown = findShownPaths({ env, own: [...own, cacheDir], extra: show });
  const program = toolOnPath('bwrap', { PATH: `${env['PATH'] ?? ''}:/usr/bin` });
  const places = [own.at(-1), cacheDir].map((folder) => (folder && existsSync(folder) ? folder : tmpdir()));
  const dir = await temporaryPlace('sandbox');
  const block = await claimUsers();
  const close = async () => {
    block?.release();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  // What jobs with users of their own get there is closed by itself.
  if (block) chmodSync(dir, 0o711);
  const calls = await writeFilter(dir);
  const farm = [...own, cacheDir];
  const probing = { want, processes, env, shown, program, places, calls, block, farm };
  const probed = await probeSandbox(probing).catch(async (error) => {
    await close();
    throw error;
  });
  const { level, user, hasLayers } = probed;
  const users = openJobUsers(user, block);
  const common = { level, hasLayers, hasOwnUser: user !== 'service', close };
  const prepared = { shown, dir, calls, users };
  if (probed.level === 'bwrap')
    return { ...common, homeSeenAt: homePlace, treeSeenAt: treePlace, prepare: inBwrap(probed, prepared) };
  const prepare = level === 'reduced' ? inLandlock({ ...prepared, own }) : unhidden({ ...prepared, show });
  return { ...common, homeSeenAt: null, treeSeenAt: null, prepare };
}

/** What there is where nothing is hidden and jobs have the user of the service. */
function open(processes: Processes): Sandbox {
  return {
    ...{ level: 'none', homeSeenAt: null, treeSeenAt: null, hasOwnUser: false },
    hasLayers: processes.containment === 'pid-namespace',
    prepare: async ({ layers }) => ({ ...(layers.length > 0 ? { confine: { layers } } : {}), ...nothingMore }),
    close: async () => {},
  };
}

/**
 * A user of each job's own, from whom nothing else is hidden. What the operator shows and all may write to, such as /tmp, the
 * jobs write to as the service does; a toolchain that is shown stays what it is.
 */
function unhidden({ shown, users, show }: Places & { show: readonly string[] }) {
  const tools = behindClosed(shown.paths);
  const writable = show.filter((path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o002) !== 0);
  return async (order: CellOrder): Promise<Cell> => {
    const { confine, release } = await users(order, { open: writable, shown: tools.behind });
    const { layers } = order;
    const laid = layers.length > 0 ? { layers } : {};
    return { confine: { ...laid, ...confine, ...coversOf(confine) }, env: {}, release: async () => release() };
  };
}

/** What a user that folders only show to has to be let through. */
function coversOf({ own = [], seen = [], user }: Confinement): Pick<Confinement, 'covers'> {
  return own.length > 0 && user === undefined ? { covers: behindClosed(outermost([...own, ...seen])).covers } : {};
}

const nothingMore = { env: {}, release: async () => {} };
/** Leaves the filter of system calls where the launcher and sandboxes read it. */
async function writeFilter(dir: string): Promise<string | null> {
  const filter = callFilter();
  if (filter === null) return null;
  const file = join(dir, 'calls.bpf');
  await writeFile(file, filter, { mode: 0o644 });
  return file;
}

type Places = {
  shown: ShownPaths;
  dir: string;
  calls: string | null;
  users: ReturnType<typeof openJobUsers>;
};

function inBwrap(probed: Extract<Probed, { level: 'bwrap' }>, { shown, dir: socketsDir, calls, users }: Places) {
  const { program, proc, user } = probed;
  // What root alone may read is shown as the user's, to be read.
  const closed = shown.paths.filter((path) => (statSync(path).mode & 0o005) === 0);
  let last = 0;
  return async (order: CellOrder): Promise<Cell> => {
    const { tree, cwd, home, caches, layers, read, network, sockets = {}, processes, memoryBytes, onDenied } = order;
    const place = {
      ...{ program, proc, shown, read, home, tree, processes, calls, sockets, ownUser: user !== 'service' },
      cwd: join(treePlace, relative(realpathSync(tree), realpathSync(cwd))),
      write: [caches],
      scratchBytes: Math.min(memoryBytes, mostScratchBytes),
    };
    const owned = await users(order, { shown: closed });
    const confine = { layers, ...owned.confine };
    const env = { TMPDIR: '/tmp' };
    const release = async () => owned.release();
    if (typeof network === 'string')
      return { release, confine: { ...confine, wrap: bwrapArguments({ ...place, network }) }, env };
    if ('socket' in network) {
      const wrap = bwrapArguments({ ...place, network });
      return { release, confine: { ...confine, wrap }, env: { ...env, ...proxyEnvironment } };
    }
    const socket = join(socketsDir, `egress-${++last}.sock`);
    const proxy = await openEgressProxy({ socket, allow: network.allow, onDenied, maxBytes: mostEgressBytes });
    const wrap = bwrapArguments({ ...place, network: { socket } });
    const close = () => proxy.close().finally(owned.release);
    return { confine: { ...confine, wrap }, env: { ...env, ...proxyEnvironment }, release: close };
  };
}

function inLandlock({ shown, dir, calls, users, own }: Places & { own: readonly string[] }) {
  const tools = withoutHidden(shown);
  // Landlock cannot take anything away below a folder that it shows.
  const isOpen = (folder: string) => ![...own, dir].some((one) => one.startsWith(folder + sep));
  const common = ['/tmp', '/var/tmp', '/dev/shm'].filter(isOpen);
  let last = 0;
  const { behind } = behindClosed(tools);
  return async (order: CellOrder): Promise<Cell> => {
    const { tree, home, caches, layers, read, network } = order;
    const scratch = join(dir, `tmp-${++last}`);
    await mkdir(scratch, { mode: 0o700 });
    const owned = await users(order, { more: [scratch], shown: behind });
    const reach = { read: [...tools, '/proc', ...read], write: [tree, home, caches, scratch, ...common] };
    return {
      confine: {
        reach,
        layers,
        ...owned.confine,
        ...coversOf(owned.confine),
        ...(calls === null ? {} : { calls }),
        ...(network === 'off' ? { noInternet: true } : {}),
      },
      env: { TMPDIR: scratch },
      release: async () => {
        owned.release();
        await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
      },
    };
  };
}

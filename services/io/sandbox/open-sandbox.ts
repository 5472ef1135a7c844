import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { Network } from '../../../events/project.ts';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import type { SandboxLevel } from '../../jobs/rules/plan-confinement.ts';
import { ownerLives, ownerTag } from '../git/trees/process-owner.ts';
import type { Processes } from '../process/open-processes.ts';
import type { Confinement } from '../process/run-request.ts';
import { bwrapArguments, proxyEnvironment } from './bwrap-arguments.ts';
import { openEgressProxy } from './egress-proxy.ts';
import { type Probed, probeSandbox } from './probe-sandbox.ts';
import { findShownPaths, type ShownPaths, withoutHidden } from './shown-paths.ts';

/** One job: its tree and the folders beside it that it may read, what network it gets, and its limits. */
export type CellOrder = {
  readonly tree: string;
  readonly cwd: string;
  readonly read: readonly string[];
  readonly network: Network;
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
  const none: Sandbox = {
    level: 'none',
    prepare: async () => ({ env: {}, release: async () => {} }),
    close: async () => {},
  };
  if (want === 'none') return none;
  const shown = findShownPaths({ env, own: [...own, cacheDir], extra: show });
  const program = toolOnPath('bwrap', { PATH: `${env['PATH'] ?? ''}:/usr/bin` });
  const probed = await probeSandbox({ want, processes, env, shown, program });
  if (probed.level === 'none') return none;
  const dir = await makePlace();
  const prepare =
    probed.level === 'bwrap' ? inBwrap(probed, { shown, cacheDir, dir }) : inLandlock(shown, { own, cacheDir, dir });
  return { level: probed.level, prepare, close: () => rm(dir, { recursive: true, force: true, maxRetries: 3 }) };
}

const placePrefix = 'ct-sandbox-';

/** A folder for sockets and what is temporary; those of processes that died are removed. */
async function makePlace(): Promise<string> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(placePrefix));
  const left = names.filter((name) => !ownerLives(name.slice(placePrefix.length).split('-')[0] ?? ''));
  await Promise.allSettled(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  return mkdtemp(join(tmpdir(), `${placePrefix}${ownerTag()}-`));
}

type Places = { shown: ShownPaths; cacheDir: string; dir: string };

function inBwrap({ program, proc }: Extract<Probed, { level: 'bwrap' }>, { shown, cacheDir, dir }: Places) {
  let last = 0;
  return async (order: CellOrder): Promise<Cell> => {
    const { tree, cwd, read, network, processes, memoryBytes, onDenied } = order;
    const place = {
      ...{ program, proc, shown, read, cwd, processes },
      write: [cacheDir, tree],
      scratchBytes: Math.min(memoryBytes, mostScratchBytes),
    };
    const env = { TMPDIR: '/tmp' };
    if (typeof network === 'string')
      return { confine: { wrap: bwrapArguments({ ...place, network }) }, env, release: async () => {} };
    const socket = join(dir, `egress-${++last}.sock`);
    const proxy = await openEgressProxy({ socket, allow: network.allow, onDenied, maxBytes: mostEgressBytes });
    const wrap = bwrapArguments({ ...place, network: { socket } });
    return { confine: { wrap }, env: { ...env, ...proxyEnvironment }, release: () => proxy.close() };
  };
}

function inLandlock(shown: ShownPaths, { own, cacheDir, dir }: Omit<Places, 'shown'> & { own: readonly string[] }) {
  const tools = withoutHidden(shown);
  // Landlock cannot take anything away below a folder that it shows.
  const isOpen = (folder: string) => ![...own, dir].some((one) => one.startsWith(folder + sep));
  const common = ['/tmp', '/var/tmp', '/dev/shm'].filter(isOpen);
  let last = 0;
  return async ({ tree, read, network }: CellOrder): Promise<Cell> => {
    const scratch = join(dir, `tmp-${++last}`);
    await mkdir(scratch, { mode: 0o700 });
    const reach = { read: [...tools, '/proc', ...read], write: [tree, cacheDir, scratch, ...common] };
    return {
      confine: { reach, ...(network === 'off' ? { noInternet: true } : {}) },
      env: { TMPDIR: scratch },
      release: () => rm(scratch, { recursive: true, force: true, maxRetries: 3 }),
    };
  };
}

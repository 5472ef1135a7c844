import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shellArgument } from '../../../recipes/shell-word.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { SandboxLevel } from '../../floor/sandbox-level.ts';
import type { Processes } from '../process/open-processes.ts';
import type { Confinement, Containment, Layer } from '../process/run-request.ts';
import { bwrapArguments } from './bwrap-arguments.ts';
import { type ShownPaths, withoutHidden } from './shown-paths.ts';

type InBwrap = { program: string; proc: 'own' | 'shared'; hasOwnUser: boolean; hasLayers: boolean };
export type Probed = ({ level: 'bwrap' } & InBwrap) | { level: 'reduced' } | { level: 'none' };

type Probing = {
  readonly want: 'auto' | SandboxLevel;
  readonly processes: Processes;
  readonly env: Readonly<Record<string, string>>;
  readonly shown: ShownPaths;
  readonly program: string | undefined;
  /** A file with the filter of system calls, or null. */
  readonly calls: string | null;
  /** On the file systems of the trees and of the caches: what works on one may not work on another. */
  readonly places: readonly string[];
};

/**
 * Fails when it can read what it must not, cannot write where it may, or is somebody else than it was to be; 7, so that the
 * code is known to come through.
 */
const attempt = (secret: string, { hasOwnUser, hasLayers }: Omit<InBwrap, 'program' | 'proc'>) =>
  [
    `cat ${shellArgument(secret)} 2>&- && exit 1; : > made || exit 2`,
    ...(hasLayers ? ['test -e "$OVER/below" && : > "$OVER/above" || exit 3'] : []),
    ...(hasOwnUser ? ['test "$(id -u)" != 0 || exit 4'] : []),
    'exit 7',
  ].join('; ');
const probeMs = 10_000;

/** The best level that really works, or the one that is wanted. AppError('unavailable') says why that does not work. */
export async function probeSandbox(probing: Probing): Promise<Probed> {
  const { want, program, processes } = probing;
  const reasons: string[] = [];
  const rooms = await makeRooms(probing.places);
  try {
    if (want !== 'reduced' && program !== undefined) {
      for (const choice of choices(program, processes.containment)) {
        const why = await tryOut(bwrapProbe(choice, rooms, probing), rooms, probing, choice);
        if (why === null) return { level: 'bwrap', ...choice };
        reasons.push(why);
      }
    }
    if (program === undefined) reasons.push('bwrap is not installed');
    if (want === 'bwrap') throw missing(want, reasons);
    const reach = { read: withoutHidden(probing.shown), write: [rooms.tree] };
    const plain = { hasOwnUser: false, hasLayers: false };
    const calls = probing.calls === null ? {} : { calls: probing.calls };
    const why = await tryOut({ reach, ...calls, noInternet: true }, rooms, probing, plain);
    if (why === null) return { level: 'reduced' };
    if (want === 'reduced') throw missing(want, [why]);
    return { level: 'none' };
  } finally {
    await rooms.remove();
  }
}

/** What is tried, best first. */
function choices(program: string, containment: Containment): InBwrap[] {
  const isolated = containment === 'pid-namespace';
  const users = isolated && process.getuid?.() === 0 ? [true, false] : [false];
  return users.flatMap((hasOwnUser) =>
    (['own', 'shared'] as const).flatMap((proc) =>
      (isolated ? [true, false] : [false]).map((hasLayers) => ({ program, proc, hasOwnUser, hasLayers })),
    ),
  );
}

type Rooms = Awaited<ReturnType<typeof makeRooms>>;

/** A tree with a HOME, and below it what is hidden and a folder to be laid over another. */
async function makeRooms([trees = tmpdir(), caches = tmpdir()]: readonly string[]) {
  const [dir, kept] = await Promise.all([trees, caches].map((place) => mkdtemp(join(place, 'ct-probe-'))));
  if (dir === undefined || kept === undefined)
    throw new AppError('internal', 'There is no place to try out a sandbox.');
  const at = (name: string) => join(dir, name);
  for (const name of ['tree', 'home', 'upper', 'work', 'over']) await mkdir(at(name));
  await Promise.all([writeFile(at('secret'), 'secret'), writeFile(join(kept, 'below'), '')]);
  await Promise.all([dir, kept].map((folder) => chmod(folder, 0o755)));
  const layer: Layer = { lower: kept, upper: at('upper'), work: at('work'), at: at('over') };
  const remove = async () => {
    await Promise.all([dir, kept].map((folder) => rm(folder, { recursive: true, force: true })));
  };
  return { dir, tree: at('tree'), home: at('home'), secret: at('secret'), kept, layer, remove };
}

function bwrapProbe(
  { program, proc, hasOwnUser, hasLayers }: InBwrap,
  rooms: Rooms,
  { shown, calls }: Probing,
): Confinement {
  const { dir, tree, home, kept, layer } = rooms;
  const place = {
    program,
    proc,
    shown,
    calls,
    read: [],
    write: [tree, layer.at],
    home,
    tree: null,
    cwd: tree,
    network: 'off' as const,
  };
  return {
    wrap: bwrapArguments({ ...place, scratchBytes: 2 ** 20, processes: 64, ownUser: hasOwnUser }),
    ...(hasOwnUser ? { own: [dir, kept] } : {}),
    ...(hasLayers ? { layers: [layer] } : {}),
  };
}

/** Null when it works, else why it does not. */
async function tryOut(
  confine: Confinement,
  { tree, secret, kept, layer }: Rooms,
  { processes, env }: Probing,
  choice: Omit<InBwrap, 'program' | 'proc'>,
): Promise<string | null> {
  let said = '';
  const onOutput = (_stream: string, chunk: Buffer) => {
    said += chunk.toString();
  };
  const variables = { PATH: env['PATH'] ?? '', OVER: layer.at };
  const order = { cwd: tree, env: variables, timeoutMs: probeMs, maxOutputBytes: 4096 };
  try {
    const { exitCode } = await processes.run({ ...order, command: attempt(secret, choice), confine, onOutput });
    if (existsSync(join(kept, 'above'))) return 'what was laid over a folder reached it';
    if (exitCode === 7) return null;
    return exitCode === 1
      ? 'a file that is to be hidden was read'
      : `the attempt ended with ${exitCode}: ${said.trim()}`;
  } catch (error) {
    return [messageOf(error), said.trim()].join(' ').trim();
  }
}

function missing(want: string, reasons: readonly string[]): AppError {
  const why = [...new Set(reasons)].join('; ').slice(0, 500);
  return new AppError('misconfigured', `CRAFTING_SANDBOX is ${want}, and that does not work here: ${why}.`);
}

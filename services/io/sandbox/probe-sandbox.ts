import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shellArgument } from '../../../recipes/shell-word.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { SandboxLevel } from '../../floor/sandbox-level.ts';
import type { UserBlock } from '../process/job-users.ts';
import type { Processes } from '../process/open-processes.ts';
import type { Confinement, Containment, Layer } from '../process/run-request.ts';
import { bwrapArguments } from './bwrap-arguments.ts';
import { behindClosed, type JobUser, jobUsers, letPass } from './job-user.ts';
import { type ShownPaths, withoutHidden } from './shown-paths.ts';

type Choice = { user: JobUser; hasLayers: boolean };
type InBwrap = Choice & { program: string; proc: 'own' | 'shared' };
export type Probed = ({ level: 'bwrap' } & InBwrap) | ({ level: 'reduced' | 'none' } & Choice);

type Probing = {
  readonly want: 'auto' | SandboxLevel;
  readonly processes: Processes;
  readonly env: Readonly<Record<string, string>>;
  readonly shown: ShownPaths;
  readonly program: string | undefined;
  /** A file with the filter of system calls, or null. */
  readonly calls: string | null;
  /** Numbers for the users of jobs; null where the service is not root. */
  readonly block: UserBlock | null;
  /** Folders of the farm, in which the folders of jobs lie. */
  readonly farm: readonly string[];
  /** On the file systems of the trees and of the caches: what works on one may not work on another. */
  readonly places: readonly string[];
};

/**
 * Fails when it can read what it must not, cannot write where it may, or is somebody else than it was to be; 7, so that the
 * code is known to come through.
 */
const attempt = (secret: string | null, { user, hasLayers }: Choice) =>
  [
    ...(secret === null ? [] : [`cat ${shellArgument(secret)} 2>&- && exit 1`]),
    ': > "$TREE/made" || exit 2',
    ...(hasLayers ? ['test -e "$OVER/below" && : > "$OVER/above" || exit 3'] : []),
    ...(user === 'service' ? [] : ['test "$(id -u)" != 0 || exit 4']),
    'exit 7',
  ].join('; ');
const probeMs = 10_000;

/** The best level that really works, or the one that is wanted. AppError('misconfigured') says why none does. */
export async function probeSandbox(probing: Probing): Promise<Probed> {
  const { want, program, processes } = probing;
  const reasons: string[] = [];
  const rooms = await makeRooms(probing.places);
  try {
    if ((want === 'auto' || want === 'bwrap') && program !== undefined) {
      for (const choice of choices(program, processes.containment)) {
        const why = await tryOut(bwrapProbe(choice, rooms, probing), rooms, probing, choice);
        if (why === null) return { level: 'bwrap', ...choice };
        reasons.push(why);
      }
    }
    if (program === undefined) reasons.push('bwrap is not installed');
    if (want === 'bwrap') throw missing(want, reasons);
    for (const level of ['reduced', 'none'] as const) {
      if (level === 'reduced' && want === 'none') continue;
      const found = await probeBelow(level, rooms, probing);
      if ('user' in found) return { level, ...found };
      if (want === 'reduced') throw missing(want, found.reasons);
      reasons.splice(0, reasons.length, ...found.reasons);
    }
    throw rootJobs(reasons);
  } finally {
    await rooms.remove();
  }
}

/** How a level below bwrap works here, or why it does not. */
async function probeBelow(
  level: 'reduced' | 'none',
  rooms: Rooms,
  probing: Probing,
): Promise<Choice | { reasons: string[] }> {
  const { containment } = probing.processes;
  const reasons: string[] = [];
  const isolated = containment === 'pid-namespace';
  const tried = jobUsers(containment).flatMap((user) =>
    (user === 'mapped' ? [true, false] : [isolated && user === 'service']).map((hasLayers) => ({ user, hasLayers })),
  );
  for (const choice of tried) {
    const { user } = choice;
    if (level === 'none' && user === 'service') return choice;
    const tools = withoutHidden(probing.shown);
    const { behind } = behindClosed(level === 'none' ? probing.shown.paths : tools);
    const confine = userProbe(user, rooms, probing, behind);
    const isLaid = user === 'mapped' && choice.hasLayers;
    const reach = { read: tools, write: [rooms.tree, ...(isLaid ? [rooms.layer.at] : [])] };
    const calls = probing.calls === null ? {} : { calls: probing.calls };
    const closed = level === 'reduced' ? { reach, ...calls, noInternet: true } : {};
    const seen = { user, hasLayers: isLaid };
    const laid = isLaid ? { layers: [rooms.layer] } : {};
    const why = await tryOut({ ...confine, ...closed, ...laid }, rooms, probing, seen, level !== 'none');
    if (why === null) return choice;
    reasons.push(why);
  }
  return { reasons };
}

/** What is tried, best first. */
function choices(program: string, containment: Containment): InBwrap[] {
  const isolated = containment === 'pid-namespace';
  return jobUsers(containment).flatMap((user) =>
    (['own', 'shared'] as const).flatMap((proc) =>
      (isolated && user !== 'given' ? [true, false] : [false]).map((hasLayers) => ({ program, proc, user, hasLayers })),
    ),
  );
}

/** Whose the rooms are, and how their user gets there. */
function userProbe(user: JobUser, { dir, kept }: Rooms, { block, farm }: Probing, shown: readonly string[] = []) {
  if (user === 'service') return {};
  if (user === 'given') {
    letPass(farm);
    return { own: [join(dir, 'tree'), join(dir, 'home')], ...(block ? { user: block.first } : {}) };
  }
  const [own, seen] = [[dir], [kept, ...shown]];
  return { own, seen, covers: behindClosed([...own, ...seen]).covers };
}

type Rooms = Awaited<ReturnType<typeof makeRooms>>;

/** A tree with a HOME, and below it what is hidden and a folder to be laid over another. */
async function makeRooms([trees = tmpdir(), caches = tmpdir()]: readonly string[]) {
  const [dir, kept] = await Promise.all([trees, caches].map((place) => mkdtemp(join(place, 'ct-probe-'))));
  if (dir === undefined || kept === undefined)
    throw new AppError('internal', 'There is no place to try out a sandbox.');
  const at = (name: string) => join(dir, name);
  for (const name of ['tree', 'home', 'upper', 'work', 'over']) await mkdir(at(name));
  await Promise.all([writeFile(at('secret'), 'secret', { mode: 0o600 }), writeFile(join(kept, 'below'), '')]);
  await Promise.all([dir, kept].map((folder) => chmod(folder, 0o755)));
  const layer: Layer = { lower: kept, upper: at('upper'), work: at('work'), at: at('over') };
  const remove = async () => {
    await Promise.all([dir, kept].map((folder) => rm(folder, { recursive: true, force: true })));
  };
  return { dir, tree: at('tree'), home: at('home'), secret: at('secret'), kept, layer, remove };
}

function bwrapProbe({ program, proc, user, hasLayers }: InBwrap, rooms: Rooms, probing: Probing): Confinement {
  const { shown, calls } = probing;
  const { tree, home, layer } = rooms;
  const { covers: _none, ...owned } = { covers: [], ...userProbe(user, rooms, probing) };
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
    wrap: bwrapArguments({ ...place, scratchBytes: 2 ** 20, processes: 64, ownUser: user !== 'service' }),
    ...owned,
    ...(hasLayers ? { layers: [layer] } : {}),
  };
}

/** Null when it works, else why it does not. */
async function tryOut(
  confine: Confinement,
  { tree, secret, kept, layer }: Rooms,
  { processes, env }: Probing,
  choice: Choice,
  hides = true,
): Promise<string | null> {
  let said = '';
  const onOutput = (_stream: string, chunk: Buffer) => {
    said += chunk.toString();
  };
  const variables = { PATH: env['PATH'] ?? '', OVER: layer.at, TREE: tree };
  const order = { cwd: tree, env: variables, timeoutMs: probeMs, maxOutputBytes: 4096 };
  try {
    const { exitCode } = await processes.run({
      ...order,
      command: attempt(hides ? secret : null, choice),
      confine,
      onOutput,
    });
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

function rootJobs(reasons: readonly string[]): AppError {
  const why = [...new Set(reasons)].join('; ').slice(0, 500);
  return new AppError(
    'misconfigured',
    `Jobs would run as root, which they never do: ${why || 'there are no users for them'}. Start the service as another user, or put its folders where every user may pass.`,
  );
}

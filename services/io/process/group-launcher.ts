import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { AppError } from '../../floor/app-error.ts';
import { giveToUser } from './job-users.ts';
import type { Ending, Launched, Launcher, LaunchOrder } from './launcher.ts';
import { findJobProcesses } from './process-table.ts';

const MARKER = 'CRAFTING_PROCESS_MARKER';
const SWEEPS = 50;

/**
 * The level for machines that offer nothing better. What it misses is said at `Containment`; also, a recipe's stdout and
 * stderr are sockets here, so that opening /dev/stderr by name fails.
 */
export function openGroupLauncher(): Launcher {
  return { ready: async () => {}, launch, close: async () => {} };
}

async function launch({ command, cwd, env, limits, confine }: LaunchOrder): Promise<Launched> {
  const { own = [], user, ...more } = confine ?? {};
  if (Object.keys(more).length > 0 || (own.length > 0 && user === undefined))
    throw new AppError('unavailable', 'Without the resident launcher no job can be shut in.');
  const isFolder = await stat(cwd)
    .then((found) => found.isDirectory())
    .catch(() => false);
  if (!isFolder) throw new AppError('invalid', 'The working directory cannot be entered.');
  const marker = `${MARKER}=${randomUUID()}`;
  if (user !== undefined) await giveToUser(user, own);
  const child = await begin([prelude(limits, user !== undefined), 'sh', command], {
    ...{ cwd, ...(user === undefined ? {} : { uid: user, gid: user }) },
    env: { ...env, [MARKER]: marker.slice(MARKER.length + 1) },
  });
  const exit = new Promise<Ending>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const pid = child.pid ?? 0;
  // Afterwards the number may belong to somebody else.
  let over = false;
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended: exit.then(async (ending) => {
      await sweep(pid, marker);
      over = true;
      return ending;
    }),
    terminate: () => void (over || terminateAll(pid, marker)),
    kill: () => void (over || sweep(pid, marker)),
  };
}

type Place = { cwd: string; env: Record<string, string>; uid?: number; gid?: number };

async function begin(script: string[], place: Place) {
  try {
    const child = spawn('/bin/sh', ['-c', ...script], { ...place, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid === undefined) await once(child, 'spawn');
    return child;
  } catch (cause) {
    const tooBig = cause instanceof Error && 'code' in cause && cause.code === 'E2BIG';
    throw new AppError(tooBig ? 'invalid' : 'unavailable', '/bin/sh cannot be started.', { cause });
  }
}

/**
 * The bounds of the job, set by a shell that then becomes the recipe's shell. Blocks of `ulimit -f` have 512 bytes. A job with
 * a user of its own is kept from programs that would make it another one.
 */
function prelude(limits: LaunchOrder['limits'], hasUser: boolean): string {
  const lines = ['umask 022', 'ulimit -c 0'];
  if (limits?.fileBytes !== undefined) lines.push(`ulimit -f ${Math.ceil(limits.fileBytes / 512)}`);
  if (limits?.cpuSecs !== undefined) lines.push(`ulimit -t ${limits.cpuSecs}`);
  // dash calls the number of processes -p, which is something else, and read-only, in bash.
  if (limits?.processes !== undefined)
    lines.push(`ulimit -u ${limits.processes} 2>&- || ulimit -p ${limits.processes}`);
  if (hasUser) lines.push('command -v setpriv > /dev/null 2>&1 && exec setpriv --no-new-privs /bin/sh -c "$1"');
  return [...lines, 'exec /bin/sh -c "$1"'].join('; ');
}

/** Each process hears it once: to some programs a second TERM means to leave without tidying up. */
async function terminateAll(pid: number, marker: string): Promise<void> {
  const found = await findJobProcesses(pid, marker);
  if (found.length === 0) send(-pid, 'SIGTERM');
  for (const one of found) send(one.pid, 'SIGTERM');
}

/**
 * Kills until nothing is found; a swarm that forks faster than this looks is given up after the last round. Whole groups,
 * since what forks on and on is seldom still there under the number that was seen. The recipe began a session of its own,
 * and groups do not cross sessions: a group of one of its processes is the job's alone.
 */
async function sweep(pid: number, marker: string): Promise<void> {
  send(-pid, 'SIGKILL');
  for (let round = 0; round < SWEEPS; round++) {
    const found = await findJobProcesses(pid, marker);
    if (found.length === 0) return;
    const targets = new Set(found.flatMap((one) => [-one.group, one.pid]));
    for (const target of targets) if (Math.abs(target) > 1) send(target, 'SIGKILL');
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has died since it was seen.
  }
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { SandboxLevel } from '../../jobs/rules/plan-confinement.ts';
import type { Processes } from '../process/open-processes.ts';
import type { Confinement } from '../process/run-request.ts';
import { bwrapArguments } from './bwrap-arguments.ts';
import { type ShownPaths, withoutHidden } from './shown-paths.ts';

export type Probed =
  | { level: 'bwrap'; program: string; proc: 'own' | 'shared' }
  | { level: 'reduced' }
  | { level: 'none' };

type Probing = {
  readonly want: 'auto' | SandboxLevel;
  readonly processes: Processes;
  readonly env: Readonly<Record<string, string>>;
  readonly shown: ShownPaths;
  readonly program: string | undefined;
};

/** Fails when it can read what it must not, or cannot write where it may; 7, so that the code is known to come through. */
const attempt = 'cat ../secret 2>&- && exit 1; : > made || exit 2; exit 7';
const probeMs = 10_000;

/** The best level that really works, or the one that is wanted. AppError('unavailable') says why that does not work. */
export async function probeSandbox(probing: Probing): Promise<Probed> {
  const { want, program } = probing;
  const reasons: string[] = [];
  const dir = await mkdtemp(join(tmpdir(), 'ct-probe-'));
  try {
    await writeFile(join(dir, 'secret'), 'secret');
    await mkdir(join(dir, 'tree'));
    if (want !== 'reduced' && program !== undefined) {
      for (const proc of ['own', 'shared'] as const) {
        const why = await tryOut(bwrapProbe(program, proc, join(dir, 'tree'), probing), dir, probing);
        if (why === null) return { level: 'bwrap', program, proc };
        reasons.push(why);
      }
    }
    if (program === undefined) reasons.push('bwrap is not installed');
    if (want === 'bwrap') throw missing(want, reasons);
    const reach = { read: withoutHidden(probing.shown), write: [join(dir, 'tree')] };
    const why = await tryOut({ reach, noInternet: true }, dir, probing);
    if (why === null) return { level: 'reduced' };
    if (want === 'reduced') throw missing(want, [why]);
    return { level: 'none' };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function bwrapProbe(program: string, proc: 'own' | 'shared', tree: string, { shown }: Probing): Confinement {
  const place = { program, proc, shown, read: [], write: [tree], cwd: tree, network: 'off' as const };
  return { wrap: bwrapArguments({ ...place, scratchBytes: 2 ** 20, processes: 64 }) };
}

/** Null when it works, else why it does not. */
async function tryOut(confine: Confinement, dir: string, { processes, env }: Probing): Promise<string | null> {
  let said = '';
  const onOutput = (_stream: string, chunk: Buffer) => {
    said += chunk.toString();
  };
  const order = { cwd: join(dir, 'tree'), env: { PATH: env['PATH'] ?? '' }, timeoutMs: probeMs, maxOutputBytes: 4096 };
  try {
    const { exitCode } = await processes.run({ ...order, command: attempt, confine, onOutput });
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
  return new AppError('unavailable', `CRAFTING_SANDBOX is ${want}, and that does not work here: ${why}.`);
}

import { toolOnPath } from '../../../recipes/detection/tools.ts';
import { printable } from '../../floor/text/printable.ts';
import { type Toolchain, toolchains } from '../../image/toolchains.ts';
import { runProgram } from '../../io/programs/run-program.ts';

/** A toolchain as this machine has it: its version, or null with what is missing. `targets`: images that bring it. */
type MatrixRow = {
  readonly toolchain: string;
  readonly version: string | null;
  readonly missing: readonly string[];
  readonly targets: readonly string[];
};

/** Every toolchain that `smoke.sh` tries; those that are whole are asked for their versions, all at the same time. */
export function toolchainMatrix(env: NodeJS.ProcessEnv): Promise<MatrixRow[]> {
  return Promise.all(
    toolchains.map(async ({ name, programs, targets, version }) => {
      const missing = programs.filter((program) => toolOnPath(program, env) === undefined);
      const said = missing.length === 0 ? await versionOf(version, env) : null;
      return { toolchain: name, version: said, missing, targets };
    }),
  );
}

/** The same as cells of a table. */
export function matrixCells({ toolchain, version, missing, targets }: MatrixRow): string[] {
  return [toolchain, version ?? '-', missing.join(', '), targets.join(', ')];
}

async function versionOf(command: Toolchain['version'], env: NodeJS.ProcessEnv): Promise<string> {
  const said = await runProgram('/bin/sh', ['-c', command], { cwd: '/', env, timeoutMs: 15_000 }).catch(() => null);
  const line = printable(said?.stdout.replace(/\x1b\[[0-9;]*m/g, '').split('\n')[0] ?? '').trim();
  return line === '' ? 'installed, but it does not say its version' : line.slice(0, 80);
}

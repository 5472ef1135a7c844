import { text } from 'node:stream/consumers';
import { signalGroup } from '../process/signal-group.ts';
import { startResidently } from './resident-starter.ts';
import type { RunOptions, Said } from './run-program.ts';

const usualTimeoutMs = 10_000;

/**
 * What a program of this machine says that is asked one thing, such as its version, and ends by itself; null when it is not there,
 * does not end with 0, or takes too long. The starter that stays runs it: a start asks a dozen, and loads nothing for it.
 */
export async function askProgram(
  file: string,
  args: readonly string[],
  { cwd = '/', env, timeoutMs = usualTimeoutMs }: Omit<RunOptions, 'signal'>,
): Promise<Said | null> {
  const set = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const order = { command: file, args, cwd, env: Object.fromEntries(set), hasInput: false };
  try {
    const { pid, stdout, stderr, ended } = await startResidently(order);
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), timeoutMs);
    const [code, out, err] = await Promise.all([ended, text(stdout), text(stderr)]).finally(() => clearTimeout(timer));
    return code === 0 ? { stdout: out, stderr: err } : null;
  } catch {
    return null;
  }
}

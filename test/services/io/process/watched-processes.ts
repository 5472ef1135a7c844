import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { openProcesses, type Processes } from '../../../../services/io/process/open-processes.ts';
import type { Containment, OutputStream, RunRequest } from '../../../../services/io/process/run-request.ts';
import { paced } from '../../../support/pace.ts';

export const path = '/usr/local/bin:/usr/bin:/bin';

/** The levels that this machine can do. */
export async function possibleLevels(): Promise<Containment[]> {
  const levels: Containment[] = [];
  for (const containment of ['pid-namespace', 'subreaper', 'process-group'] as const) {
    const processes = await openProcesses({ containment });
    const attempt = await processes.run(request({ command: 'true' })).catch(() => undefined);
    if (attempt) levels.push(containment);
    await processes.close();
  }
  return levels;
}

export function request(overrides: Partial<RunRequest>): RunRequest {
  return {
    command: 'true',
    cwd: '/',
    env: { PATH: path },
    timeoutMs: paced(20_000),
    maxOutputBytes: 1_000_000,
    onOutput() {},
    ...overrides,
  };
}

/** Runs and gathers both streams. `onText` hears all of stdout so far each time that it grows. */
export async function gather(
  processes: Processes,
  overrides: Partial<RunRequest>,
  onText: (stdout: string) => void = () => {},
) {
  const chunks: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] };
  const onOutput = (stream: OutputStream, chunk: Buffer) => {
    chunks[stream].push(chunk);
    if (stream === 'stdout') onText(Buffer.concat(chunks.stdout).toString());
  };
  const result = await processes.run(request({ onOutput, ...overrides }));
  return { result, stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr) };
}

/** A number of seconds to sleep that no other process on the machine has in its arguments. */
export function uniqueSeconds(): string {
  return `98765.${randomInt(1e9, 1e10)}`;
}

/**
 * A shell command that returns once a daemon sleeps: forked twice, in a session of its own, its files closed and its
 * environment empty. It has begun when the pipe closes, which happens in its exec.
 */
export function daemon(seconds: string): string {
  const leave = 'close W; <R>; exit';
  const begin = 'close R; setsid; exit if fork; POSIX::close($_) for 0..2; %ENV = (); exec "sleep", "SECONDS"';
  return `perl -e 'use POSIX; pipe R, W; if (fork) { ${leave} } ${begin.replace('SECONDS', seconds)}'`;
}

/** The living processes that have exactly this argument. */
export function withArgument(argument: string): number[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.filter((pid) => argumentsOf(pid).includes(argument)).map(Number);
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

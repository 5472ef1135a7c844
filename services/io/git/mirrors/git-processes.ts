import { AppError } from '../../../floor/app-error.ts';
import { signalGroup } from '../../process/signal-group.ts';
import { startResidently } from '../../programs/resident-starter.ts';
import type { Started } from '../../programs/start-program.ts';

/** One program to run to its end. `onOutput` takes the output away piece by piece; otherwise it is collected. */
type ProcessRequest = {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
  input?: string;
  onOutput?: (chunk: Buffer) => void;
};

/** How a program ended. `code` is null when a signal ended it; `stopped` says whether and why we sent that signal. */
export type ProcessResult = {
  code: number | null;
  stdout: string;
  stderr: string;
  stopped: 'timeout' | 'output' | 'closing' | undefined;
};

export type GitProcesses = {
  run(request: ProcessRequest): Promise<ProcessResult>;
  /** Stops everything that runs, for good: `run` refuses from then on. */
  stop(): void;
};

const outputCap = 16 * 1024 * 1024;
const errorCap = 16 * 1024;
const graceMs = 1000;

/** Runs git and the few tools beside it, each in a process group of its own, so that helpers die with them. */
export function createGitProcesses(): GitProcesses {
  const running = new Set<(why: 'closing') => void>();
  let open = true;
  return {
    async run(request) {
      if (!open) throw new AppError('unavailable', 'The farm is shutting down.', { name: 'git_closing' });
      return runProcess(request, running);
    },
    stop() {
      open = false;
      for (const stop of running) stop('closing');
    },
  };
}

async function runProcess(request: ProcessRequest, running: Set<(why: 'closing') => void>): Promise<ProcessResult> {
  let stopped: ProcessResult['stopped'];
  let hardStop: NodeJS.Timeout | undefined;
  let program: Started | undefined;
  const stop = (why: NonNullable<ProcessResult['stopped']>): void => {
    if (stopped !== undefined) return;
    stopped = why;
    if (program === undefined) return;
    signalGroup(program.pid, 'SIGTERM');
    hardStop = setTimeout(() => signalGroup(program?.pid, 'SIGKILL'), graceMs);
  };
  const deadline = setTimeout(() => stop('timeout'), request.timeoutMs);
  running.add(stop);
  try {
    const { command, args, cwd, env, input } = request;
    program = await startResidently({ command, args, cwd, env, hasInput: input !== undefined });
    // It was stopped while it was being started.
    if (stopped !== undefined) signalGroup(program.pid, 'SIGKILL');
    return await heard(program, request, stop, () => stopped);
  } catch (cause) {
    throw new AppError('unavailable', `${request.command} could not be started.`, { cause, name: 'git_missing' });
  } finally {
    clearTimeout(deadline);
    clearTimeout(hardStop);
    running.delete(stop);
  }
}

type Stop = (why: NonNullable<ProcessResult['stopped']>) => void;

/** What a program says, until it has ended and nobody holds its pipes any more. */
async function heard(
  { pid, stdin, stdout, stderr, ended }: Started,
  { input, onOutput }: ProcessRequest,
  stop: Stop,
  stopped: () => ProcessResult['stopped'],
): Promise<ProcessResult> {
  const closed = [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.once('close', resolve)));
  const chunks: Buffer[] = [];
  let size = 0;
  stdout.on('data', (chunk: Buffer) => {
    if (onOutput !== undefined) return onOutput(chunk);
    size += chunk.length;
    if (size > outputCap) return stop('output');
    chunks.push(chunk);
  });
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-errorCap);
  });
  // A program that ends early leaves its input unread; how it ended is told by its exit code.
  stdin?.on('error', () => {});
  stdin?.end(input);
  const code = await ended;
  if (stopped() !== undefined) {
    // Helpers that outlived the signal would hold the pipes open.
    signalGroup(pid, 'SIGKILL');
    stdout.destroy();
    stderr.destroy();
  }
  await Promise.all(closed);
  return { code, stdout: Buffer.concat(chunks).toString(), stderr: said, stopped: stopped() };
}

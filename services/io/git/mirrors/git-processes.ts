import { type ChildProcess, spawn } from 'node:child_process';
import { AppError } from '../../../floor/app-error.ts';

/** One program to run to its end. `onOutput` takes the output away piece by piece; otherwise it is collected. */
export type ProcessRequest = {
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

function runProcess(request: ProcessRequest, running: Set<(why: 'closing') => void>): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(request.command, [...request.args], {
      cwd: request.cwd,
      env: request.env,
      detached: true,
      stdio: [request.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stopped: ProcessResult['stopped'];
    let hardStop: NodeJS.Timeout | undefined;
    const stop = (why: NonNullable<ProcessResult['stopped']>): void => {
      if (stopped !== undefined) return;
      stopped = why;
      signalGroup(child, 'SIGTERM');
      hardStop = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    };
    const deadline = setTimeout(() => stop('timeout'), request.timeoutMs);
    const finish = (): void => {
      clearTimeout(deadline);
      clearTimeout(hardStop);
      running.delete(stop);
    };
    running.add(stop);

    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      if (request.onOutput !== undefined) return request.onOutput(chunk);
      size += chunk.length;
      if (size > outputCap) return stop('output');
      chunks.push(chunk);
    });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-errorCap);
    });
    // A program that ends early leaves its input unread; how it ended is told by its exit code.
    child.stdin?.on('error', () => {});
    child.stdin?.end(request.input);

    child.on('error', (cause) => {
      finish();
      reject(new AppError('unavailable', `${request.command} could not be started.`, { cause, name: 'git_missing' }));
    });
    child.on('exit', () => {
      if (stopped === undefined) return;
      // Helpers that outlived the signal would hold the pipes open.
      signalGroup(child, 'SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    child.on('close', (code) => {
      finish();
      resolve({ code, stdout: Buffer.concat(chunks).toString(), stderr, stopped });
    });
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

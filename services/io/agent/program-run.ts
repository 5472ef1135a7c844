import { signalGroup } from '../process/signal-group.ts';
/** One program to run by a shell, with the text for its standard input. */
export type ProgramRun = {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Called with the id of the process group before the program reads anything. */
  readonly onStart: (pid: number) => void;
};

/** How it ended. `code` is null when a signal ended it or it did not start; `stopped` says why we sent that signal. */
export type ProgramEnd = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stopped: 'timeout' | 'aborted' | 'output' | undefined;
};

const graceMs = 1000;
const stderrTail = 16 * 1024;
const longestTimerMs = 2 ** 31 - 1;

/** Runs a program to its end, in a process group of its own of which nothing is left afterwards. */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  // Loaded when a program is first run: most farms have none.
  const { execa } = await import('execa');
  const child = execa('/bin/sh', ['-c', run.command], {
    cwd: run.cwd,
    env: run.env,
    extendEnv: false,
    input: run.input,
    killDescendants: true,
    reject: false,
    buffer: false,
    encoding: 'buffer',
  });
  if (child.pid !== undefined) run.onStart(child.pid);
  let stopped: ProgramEnd['stopped'];
  let last: NodeJS.Timeout | undefined;
  const letGo = (): void => {
    signalGroup(child.pid, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const stop = (why: NonNullable<ProgramEnd['stopped']>): void => {
    if (stopped !== undefined) return;
    stopped = why;
    signalGroup(child.pid, 'SIGTERM');
    last = setTimeout(letGo, graceMs);
  };
  const abort = (): void => stop('aborted');
  const deadline = setTimeout(() => stop('timeout'), Math.min(run.timeoutMs, longestTimerMs));
  run.signal.addEventListener('abort', abort, { once: true });
  if (run.signal.aborted) abort();
  // Helpers that outlive the shell would hold its pipes open.
  child.nodeChildProcess.on('exit', () => {
    last ??= setTimeout(letGo, graceMs);
  });

  const output = collect(run.maxBytes, () => stop('output'));
  child.stdout.on('data', output.take);
  let stderr = Buffer.alloc(0);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-stderrTail);
  });
  const { exitCode, originalMessage } = await child;
  clearTimeout(deadline);
  clearTimeout(last);
  run.signal.removeEventListener('abort', abort);
  signalGroup(child.pid, 'SIGKILL');
  const trouble = child.pid === undefined ? (originalMessage ?? '') : '';
  return { code: exitCode ?? null, stdout: output.text(), stderr: stderr.toString() || trouble, stopped };
}

function collect(maxBytes: number, full: () => void) {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    take: (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else full();
    },
    text: (): string => Buffer.concat(chunks).toString(),
  };
}

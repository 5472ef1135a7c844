import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Network } from '../../../events/projects/project.ts';
import { AppError } from '../../floor/app-error.ts';
import type { Processes } from '../process/open-processes.ts';
import type { OutputStream } from '../process/run-request.ts';
import type { Sandbox } from '../sandbox/open-sandbox.ts';
import type { ProgramEnd, ProgramRun } from './program-run.ts';

/** Where programs are shut in. */
export type Cell = { readonly processes: Processes; readonly sandbox: Sandbox };

type ProgramCellOptions = {
  /** Opened when a program is first run: most farms have none. */
  readonly open: () => Promise<Cell>;
  /** What the program keeps between its turns, its login too: its HOME, and nobody else's. */
  readonly home: string;
  readonly network: Network;
};

const graceMs = 1000;
const stderrTail = 16 * 1024;
const mostOutput = 256 * 2 ** 20;
const most = { processes: 2048, memoryBytes: 8 * 2 ** 30 };

/**
 * Runs programs as jobs that demand a sandbox are run: nothing of the farm is there to be read, and only the hosts of a
 * list. AppError('unavailable') where there is no such sandbox.
 */
export function programCell({ open, home, network }: ProgramCellOptions): (run: ProgramRun) => Promise<ProgramEnd> {
  return async ({ command, cwd, env, input, timeoutMs, maxBytes, signal }) => {
    const { processes, sandbox } = await open();
    if (sandbox.level !== 'bwrap')
      throw new AppError(
        'unavailable',
        `The agent's command is to be shut in, and this machine gives the sandbox ${sandbox.level}: install bubblewrap, or say CRAFTING_AGENT_SANDBOX=off.`,
      );
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const prompt = `${cwd}.prompt`;
    writeFileSync(prompt, input, { mode: 0o600 });
    const denied = new Set<string>();
    const answer: Buffer[] = [];
    let [bytes, complaints] = [0, Buffer.alloc(0)];
    const tooMuch = new AbortController();
    const take = (stream: OutputStream, chunk: Buffer) => {
      if (stream === 'stderr') {
        complaints = Buffer.concat([complaints, chunk]).subarray(-stderrTail);
        return;
      }
      bytes += chunk.length;
      if (bytes <= maxBytes) answer.push(Buffer.from(chunk));
      else tooMuch.abort();
    };
    const cell = await sandbox.prepare({
      ...{ tree: cwd, cwd, dir: home, home, caches: home, layers: [], read: [prompt], network, ...most },
      onDenied: (what) => void denied.add(what),
    });
    try {
      const result = await processes.run({
        // The launcher gives a recipe no input.
        command: `exec < '${prompt.replaceAll("'", "'\\''")}'\n${command}`,
        ...{ cwd, timeoutMs, graceMs, maxOutputBytes: mostOutput, signal: AbortSignal.any([signal, tooMuch.signal]) },
        env: { ...env, ...cell.env, HOME: sandbox.homeSeenAt ?? home },
        limits: { memoryBytes: most.memoryBytes, processes: most.processes },
        ...(cell.confine ? { confine: cell.confine } : {}),
        onOutput: take,
      });
      const why = { timeout: 'timeout', cancelled: 'aborted', log_limit: 'output' } as const;
      const stopped = tooMuch.signal.aborted ? 'output' : why[result.reason as keyof typeof why];
      const stderr = `${complaints}${words(denied)}`;
      return { code: result.exitCode, stdout: Buffer.concat(answer).toString(), stderr, stopped };
    } finally {
      await cell.release();
      rmSync(prompt, { force: true });
    }
  };
}

/** What the command may not reach is the likeliest cause of its failure, and names what to set. */
function words(denied: ReadonlySet<string>): string {
  if (denied.size === 0) return '';
  return `\nnetwork: ${[...denied].slice(0, 5).join('; ')}; CRAFTING_AGENT_HOSTS names the hosts that it may reach.`;
}

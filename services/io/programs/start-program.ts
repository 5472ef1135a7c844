import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** What to start: a program of the PATH in `env`, which is all that it sees of the environment. */
export type ProgramOrder = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether it has an input that we write; otherwise it reads nothing. */
  readonly hasInput: boolean;
};

/** A program that runs, as the leader of a process group. */
export type Started = {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code, null when a signal ended it. Rejects with an errno (`code`) when it could not be begun. */
  readonly ended: Promise<number | null>;
};

/** Starts programs. Rejects when one cannot be started; one that is not there may be told by `ended`. */
export type ProgramStarter = (order: ProgramOrder) => Promise<Started>;

/** Starts it from here. A fork copies the page tables of this process, and nothing else goes on meanwhile. */
export const startFromHere: ProgramStarter = ({ command, args, cwd, env, hasInput }) => {
  const child = spawn(command, [...args], {
    cwd,
    env,
    detached: true,
    stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      const { pid = 0, stdin, stdout, stderr } = child;
      if (stdout && stderr) resolve({ pid, stdin, stdout, stderr, ended });
    });
  });
};

import type { Readable } from 'node:stream';
import type { LimitName, RunRequest } from './run-request.ts';

export type Ending = { exitCode: number | null; signal: string | null; limit?: LimitName };

/** A recipe that runs. Both pipes end when its last process is dead. */
export type Launched = {
  stdout: Readable;
  stderr: Readable;
  /** Resolves when nothing that this launcher can find of the job is alive; rejects when that cannot be known. */
  ended: Promise<Ending>;
  /** Sends TERM to all processes of the job. */
  terminate(): void;
  /** Sends KILL to all processes of the job. */
  kill(): void;
};

export type LaunchOrder = Pick<RunRequest, 'command' | 'cwd' | 'env' | 'limits' | 'confine'>;

/** Starts recipes at one level of containment. */
export type Launcher = {
  /** Rejects when it cannot start anything. */
  ready(): Promise<void>;
  launch(order: LaunchOrder): Promise<Launched>;
  /** Kills what runs, and returns when it is dead. */
  close(): Promise<void>;
};

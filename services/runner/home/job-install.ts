import type { Processes } from '../../io/process/open-processes.ts';
import type { OutputStream, RunRequest, RunResult } from '../../io/process/run-request.ts';
import { installOutput } from './install-output.ts';

type InstallRun = {
  readonly processes: Processes;
  readonly order: Omit<RunRequest, 'command' | 'onOutput'>;
  readonly say: (text: string) => void | Promise<void>;
  /** Writes to the job's log as the recipe does. */
  readonly write: (pipe: OutputStream, bytes: Buffer) => void | Promise<void>;
};

/** Runs the install of a job. What it prints are lines of ours; the words of one that fails are shown as they are, too. */
export async function runInstall(command: string, { processes, order, say, write }: InstallRun): Promise<RunResult> {
  await say(`install: ${command}`);
  const output = installOutput(say);
  const result = await processes.run({ ...order, command, onOutput: output.write });
  await output.end();
  if (result.reason === 'exited' && result.exitCode === 0) return result;
  await say('install: it failed, with these last words:');
  for (const { pipe, bytes } of output.kept()) await write(pipe, bytes);
  return result;
}

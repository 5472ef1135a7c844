import { errorCodes, isAppError } from '../floor/app-error.ts';

/** What the number means with which a command ends. Scripts rely on them: a number never changes its meaning. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done; with --follow or --wait: it succeeded',
  1: 'the job, the verification or the check failed; nothing is wrong with the command',
  2: 'wrong usage, or input that was refused',
  3: 'no token, an unknown token, or one that may not do this',
  4: 'there is no such thing, or it is not yours',
  5: 'not possible in the present state, such as a job that is over',
  6: 'the service does not answer, is overloaded or took too long',
  7: 'the job was cancelled',
  8: 'nothing could be run: no known recipe was found, or the tools for it are not installed',
  70: 'an error that nobody foresaw',
  78: 'the service does not start with these settings on this machine: a variable, a port, a folder or a program',
  130: 'interrupted by Ctrl-C; a job that was followed goes on',
};

/** The exit code for whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Error && error.name === 'AbortError') return 130;
  return isAppError(error) ? errorCodes[error.code].exit : 70;
}

/** The exit code for the end of a job. */
export function exitCodeOfJob(status: string): number {
  if (status === 'succeeded') return 0;
  return status === 'cancelled' ? 7 : 1;
}

/** Nothing was run at all, which is no success. */
export const nothingRan = 8;

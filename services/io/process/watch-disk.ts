import { runProgram } from '../programs/run-program.ts';
import type { ResourceLimits } from './run-request.ts';

const firstLookMs = 2_000;
/** A look takes at most this share of the time: a tree of a million files is looked at seldom. */
const pauseForEach = 20;
/** On a machine that is held up, a look takes long for another reason, and a job fills the disk meanwhile. */
const longestPauseMs = 20_000;
const longestLookMs = 60_000;
/** What a file without content costs a disk, in its tables. */
const bytesPerFile = 4096;

/**
 * Calls once when folders take more of the disk than they may. `du` counts, since no job can hide files from it by depth.
 * Files that are open and have no name any more are the launcher's to see. Answers how to stop looking.
 */
export function watchDisk(limit: ResourceLimits['disk'], onFull: () => void): () => void {
  if (limit === undefined) return () => {};
  const { dirs, growing = [], bytes } = limit;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let before: number | undefined;
  const look = async () => {
    const begin = performance.now();
    const used = await takenBy(dirs, stop.signal);
    const now = growing.length === 0 ? 0 : await takenBy(growing, stop.signal);
    if (stop.signal.aborted) return;
    // What was there when the first look came is not this job's.
    before ??= now;
    if (used + Math.max(0, now - before) > bytes) return onFull();
    plan(Math.min(longestPauseMs, Math.max(firstLookMs, (performance.now() - begin) * pauseForEach)));
  };
  const plan = (ms: number) => {
    timer = setTimeout(look, ms);
    timer.unref();
  };
  plan(firstLookMs);
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}

/** By content or by number of files, whichever is more, in bytes. */
async function takenBy(dirs: readonly string[], signal: AbortSignal): Promise<number> {
  const kilobytes = await total(['-skxc', '--', ...dirs], signal);
  const files = await total(['-sxc', '--inodes', '--', ...dirs], signal);
  return Math.max(kilobytes * 1024, files * bytesPerFile);
}

/** What vanishes meanwhile makes du end with 1 and a sum all the same. */
async function total(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = { timeoutMs: longestLookMs, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, signal };
  const { stdout = '' } = await runProgram('du', args, options).catch((error: { stdout?: string }) => error);
  return Number.parseInt(stdout.trim().split('\n').at(-1) ?? '', 10) || 0;
}

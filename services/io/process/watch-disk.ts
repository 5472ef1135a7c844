import { type ChildProcess, execFile } from 'node:child_process';

const firstLookMs = 2_000;
/** A look takes at most this share of the time: a tree of a million files is looked at seldom. */
const pauseForEach = 20;
const longestLookMs = 60_000;

/**
 * Calls once when folders take more than so many bytes of the disk. `du` counts, since no job can hide files from it by
 * depth. Files that are open and have no name any more are not seen. Answers how to stop looking.
 */
export function watchDisk(
  limit: { dirs: readonly string[]; bytes: number } | undefined,
  onFull: () => void,
): () => void {
  if (limit === undefined) return () => {};
  let timer: NodeJS.Timeout | undefined;
  let du: ChildProcess | undefined;
  let over = false;
  const look = () => {
    const begin = performance.now();
    const options = { timeout: longestLookMs, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
    // What vanishes meanwhile makes du end with 1 and a sum all the same.
    du = execFile('du', ['-skxc', '--', ...limit.dirs], options, (_error, stdout) => {
      if (over) return;
      const [all = '0'] = stdout.trim().split('\n').slice(-1);
      if (Number.parseInt(all, 10) * 1024 > limit.bytes) return onFull();
      plan(Math.max(firstLookMs, (performance.now() - begin) * pauseForEach));
    });
  };
  const plan = (ms: number) => {
    timer = setTimeout(look, ms);
    timer.unref();
  };
  plan(firstLookMs);
  return () => {
    clearTimeout(timer);
    over = true;
    du?.kill();
  };
}

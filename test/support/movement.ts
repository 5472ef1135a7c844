import { readdirSync, readFileSync } from 'node:fs';

/** Which processes there are, and what they did so far. */
type Sample = { readonly at: number; readonly processes: string; readonly busyMs: number };

/** Less than this part of one core is what waiting itself costs: polls, heartbeats of a server. */
const idleShare = 0.3;

function numberIn(file: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(file, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The fields of /proc/PID/stat from the third on. */
function statOf(pid: string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** A process and all that it started and did not lose. Null where there is no /proc. */
function sampleOf(root: number): Sample | null {
  if (process.platform !== 'linux') return null;
  const stats = new Map<string, string[]>();
  for (const pid of readdirSync('/proc')) {
    const stat = /^\d+$/.test(pid) ? statOf(pid) : null;
    if (stat) stats.set(pid, stat);
  }
  const family = [String(root)];
  for (const parent of family)
    for (const [pid, stat] of stats) if (stat[1] === parent && stat[0] !== 'Z') family.push(pid);
  let busyMs = 0;
  for (const pid of family) {
    const stat = stats.get(pid);
    // Ticks of 10 ms that it computed, and the nanoseconds that it waited for a core.
    busyMs += 10 * (Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0));
    busyMs += numberIn(`/proc/${pid}/schedstat`, /^\d+ (\d+)/) / 1e6;
  }
  return { at: performance.now(), processes: family.sort().join(' '), busyMs };
}

/**
 * Watches a process and its children. Answers for how many milliseconds nothing has moved: no process began or ended, and
 * nobody computed or waited for a core to compute on. What is written says nothing: an idle farm renews its leases.
 */
export function watchMovement(root = process.pid): () => number {
  let movedAt = performance.now();
  let last: Sample | null = null;
  return () => {
    const now = sampleOf(root);
    if (now !== null && last !== null) {
      const busy = (now.busyMs - last.busyMs) / (now.at - last.at);
      if (now.processes !== last.processes || busy > idleShare) movedAt = now.at;
    }
    last = now;
    return performance.now() - movedAt;
  };
}

import { readdir, readFile } from 'node:fs/promises';

type JobProcess = { pid: number; group: number };

/**
 * The living processes that belong to a job: descendants of its first process, and whatever carries the marker in the
 * environment that it was started with; each with its process group. Empty where there is no /proc.
 */
export async function findJobProcesses(rootPid: number, marker: string): Promise<JobProcess[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const rows = (await Promise.all(pids.map((pid) => readRow(pid, marker)))).filter((row) => row !== undefined);
  const found = new Set([rootPid]);
  let size = 0;
  while (size < found.size) {
    size = found.size;
    for (const row of rows) if (row.marked || found.has(row.parent)) found.add(row.pid);
  }
  return rows.filter((row) => found.has(row.pid));
}

async function readRow(pid: number, marker: string) {
  const [stat, environment] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''),
    readFile(`/proc/${pid}/environ`).catch(() => Buffer.alloc(0)),
  ]);
  // The name in parentheses may itself hold parentheses and spaces: what counts comes after the last one.
  const [state = 'X', parent = '0', group = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'X' || state === 'Z' || state === '') return undefined;
  return { pid, group: Number(group), parent: Number(parent), marked: environment.includes(marker) };
}

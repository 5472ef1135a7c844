import { readFileSync } from 'node:fs';

/**
 * A name for this process that no later one has: process id and start time, since ids are used again. It is only
 * meaningful on one machine and in one process namespace, so a workspace folder belongs to one of them.
 */
export function ownerTag(pid: number = process.pid): string {
  return `${pid}_${startOf(pid) ?? 0}`;
}

/** Whether the process that wrote a tag still lives. */
export function ownerLives(tag: string): boolean {
  const [pid, start] = tag.split('_').map(Number);
  if (pid === undefined || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const actual = startOf(pid);
  return actual === undefined || actual === start;
}

// Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets. Other systems have no such file.
function startOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

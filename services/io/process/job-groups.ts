import { arch } from 'node:process';
import { childEnvironment } from '../../floor/child-environment.ts';
import { askProgram } from '../programs/ask-program.ts';

/** Numbers of the system call getxattr, as in launcher.pl. */
const getxattr: Readonly<Record<string, string>> = { x64: '191', arm64: '8' };
const script = `require "$ARGV[0]/$_" for qw(delegated-groups.pl job-group.pl);
  print join ' ', sort keys %{ find_job_groups($ARGV[1] + 0) // {} };`;

/** What the kernel holds the jobs of a process to that was started where this one was: `memory`, `pids`; empty for nothing. */
export async function jobGroups(): Promise<string[]> {
  const number = getxattr[arch];
  if (number === undefined) return [];
  const args = ['-e', script, import.meta.dirname, number];
  const said = await askProgram('perl', args, { timeoutMs: 5_000, env: childEnvironment(process.env) });
  return (said?.stdout ?? '').split(' ').filter(Boolean);
}

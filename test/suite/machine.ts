import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem, userInfo } from 'node:os';
import { paceOf, spawnMs } from '../support/pace.ts';

/** What a machine says of itself, a line each; and by how much it stretches the limits of tests. */
export type Machine = { readonly lines: readonly string[]; readonly pace: number };

function said(program: string, ...args: string[]): string {
  try {
    const answer = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return answer.split('\n')[0]?.trim() ?? '';
  } catch {
    return 'none';
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'none';
  }
}

/** By name, where the user has one: in a container it may be a bare number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unnamed';
  }
}

/** Looks at what makes a run differ from one elsewhere; `atOnce` files are to share it. */
export function meetMachine(atOnce: number): Machine {
  const cores = availableParallelism();
  const ms = spawnMs();
  const pace = Number(process.env.CRAFTING_TEST_PACE) || paceOf(ms, Math.max(atOnce / cores, 1));
  const tools = ['python3', 'go', 'cargo', 'mvn', 'ruff'].filter((tool) => said('which', tool) !== 'none');
  const lines = [
    `cores    ${cores} of ${cpus().length}, ${cpus()[0]?.model ?? 'unknown'}; load ${loadavg()[0]?.toFixed(1)}; ${Math.round(totalmem() / 2 ** 30)} GB`,
    `speed    a process of node takes ${Math.round(ms)} ms; ${atOnce} files at once; limits are stretched by ${pace}`,
    `system   ${process.platform} ${release()}; control groups ${read('/sys/fs/cgroup/cgroup.controllers').replaceAll(' ', ',')}; ${tmpdir()} is ${said('stat', '-f', '-c', '%T', tmpdir())}`,
    `user     ${userName()} (${process.getuid?.()}); TZ ${process.env.TZ ?? 'unset'}, LANG ${process.env.LANG ?? 'unset'}; ${new Date().toISOString()}`,
    `sandbox  ${said('bwrap', '--version')}; user namespaces ${read('/proc/sys/user/max_user_namespaces')}, restricted ${read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')}`,
    `programs node ${process.version}, ${said('nats-server', '--version')}, ${said('git', '--version')}, perl ${said('perl', '-e', 'print $^V')}; of toolchains: ${tools.join(', ') || 'none'}`,
  ];
  return { lines, pace };
}

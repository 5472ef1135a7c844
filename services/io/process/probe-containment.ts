import { text } from 'node:stream/consumers';
import type { Launcher } from './launcher.ts';
import { openResidentLauncher } from './resident-launcher.ts';
import type { Containment } from './run-request.ts';

const PROBE_MS = 5_000;
/** Leaves a daemon behind that has left group and session, cleared its environment, and holds the output pipe. */
const DAEMON = `perl -e 'use POSIX (); exit if fork; POSIX::setsid(); exit if fork; %ENV = (); exec "sleep", "600"'; printf '%s' "$$"`;

/** The best level of containment that this machine really gives, found by leaving a daemon behind at each. */
export async function probeContainment(): Promise<Containment> {
  for (const level of ['pid-namespace', 'subreaper'] as const) {
    const launcher = await openResidentLauncher(level).catch(() => undefined);
    try {
      if (launcher && (await endsDaemons(launcher, level))) return level;
    } catch {
      // Refused: the next level.
    } finally {
      await launcher?.close();
    }
  }
  return 'process-group';
}

async function endsDaemons(launcher: Launcher, level: Containment): Promise<boolean> {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  const job = await launcher.launch({ command: DAEMON, cwd: '/', env });
  job.stderr.resume();
  const late = setTimeout(() => {
    job.kill();
    job.stdout.destroy();
    job.stderr.destroy();
  }, PROBE_MS);
  try {
    // The pipe ends only when the daemon is dead.
    const [pid, ending] = await Promise.all([text(job.stdout), job.ended]);
    const isolated = pid === '2';
    return ending.exitCode === 0 && isolated === (level === 'pid-namespace');
  } finally {
    clearTimeout(late);
    job.stdout.destroy();
    job.stderr.destroy();
  }
}

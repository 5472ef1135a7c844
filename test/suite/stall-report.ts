import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { paced } from '../support/pace.ts';

type Handle = { readonly type: string; readonly is_active?: boolean; readonly is_referenced?: boolean } & Record<
  string,
  unknown
>;
type Report = {
  readonly javascriptStack?: { readonly message?: string; readonly stack?: readonly string[] };
  readonly libuv?: readonly Handle[];
};

/** How a process of node is started so that it can be asked what it does: https://nodejs.org/api/report.html */
export const reportFlags = [
  '--report-on-signal',
  '--report-signal=SIGUSR2',
  '--report-exclude-env',
  '--report-exclude-network',
  `--report-directory=${tmpdir()}`,
] as const;

/** Asks a process that does not go on where it stands and what it waits for, in words; it may be unable to say. */
export async function askStalled(pid: number | undefined): Promise<string> {
  if (pid === undefined) return '';
  const since = performance.now();
  process.kill(pid, 'SIGUSR2');
  while (performance.now() - since < paced(5_000)) {
    await pause(200);
    const name = readdirSync(tmpdir()).find((one) => one.startsWith('report.') && one.includes(`.${pid}.`));
    if (name === undefined) continue;
    await pause(500);
    const file = join(tmpdir(), name);
    try {
      return wordsOf(JSON.parse(readFileSync(file, 'utf8')) as Report);
    } catch {
      return '; its report could not be read';
    } finally {
      rmSync(file, { force: true });
    }
  }
  return '; it did not say where it stands: its thread is held outside of JavaScript';
}

function wordsOf({ javascriptStack, libuv = [] }: Report): string {
  const active = libuv.filter((one) => one.is_active === true && one.is_referenced !== false);
  const handles = active.map(({ type, pid, remoteEndpoint, localEndpoint, firesInMsFromNow, fd }) =>
    JSON.stringify({ type, pid, remoteEndpoint, localEndpoint, firesInMsFromNow, fd }),
  );
  const stack = (javascriptStack?.stack ?? []).slice(0, 20);
  return ['', 'It stands at:', ...stack, 'It waits for:', ...handles.slice(0, 60)].join('\n    ');
}

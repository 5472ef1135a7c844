import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { watchMovement } from '../support/movement.ts';
import { paced } from '../support/pace.ts';
import type { Unit } from './choose-files.ts';
import { root } from './imports.ts';
import { askStalled, reportFlags } from './stall-report.ts';
import type { Told } from './unit.ts';

export type Ended = {
  readonly unit: Unit;
  readonly ms: number;
  readonly cpuMs: number;
  readonly tests: readonly Exclude<Told, { kind: 'began' | 'over' }>[];
  /** What went wrong with the process itself; null when it told everything and ended. */
  readonly trouble: string | null;
  /** What it printed. */
  readonly printed: string;
};

/** A test that takes longer fails, and the next one begins; ms on a machine of the usual speed. */
const usualTestMs = 180_000;
/** A process in which nothing moves is ended, and one whose loop a test holds: its own time limit cannot end that test. */
const stillMs = 300_000;
const usualHeldMs = 60_000;
const lookMs = 5_000;

export type RunOptions = {
  /** Ends the process when a test fails. */
  readonly firstFailure?: boolean;
  /** How long one test may take, in ms on a machine of the usual speed. */
  readonly testMs?: number;
  /** How much longer nothing may be told than a test may take; hooks have no limit of their own. */
  readonly heldMs?: number;
};

const running = new Set<ChildProcess>();

/** Ends all processes that run tests at the moment. */
export function endUnits(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Runs the files of a unit in a process of their own. Never rejects. */
export function runUnit(unit: Unit, env: NodeJS.ProcessEnv, options: RunOptions = {}): Promise<Ended> {
  const { firstFailure = false, testMs = usualTestMs, heldMs = usualHeldMs } = options;
  const startedAt = performance.now();
  const files = unit.files.map((file) => resolve(root, file));
  const args = [
    ...(unit.flags ?? []),
    ...reportFlags,
    // As the service is started: it strips the types of the pages.
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'unit.ts'),
    JSON.stringify(files),
    JSON.stringify(unit.titles),
    String(paced(testMs)),
  ];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  running.add(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-200_000);
    });
  const tests: Ended['tests'][number][] = [];
  let [cpuMs, isOver, under, rest, toldAt] = [0, false, '', '', startedAt];
  /** The tests that began and are not over. */
  const open: string[] = [];
  const pipe = child.stdio[3] as Readable;
  pipe.setEncoding('utf8').on('data', (text: string) => {
    toldAt = performance.now();
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const told of lines.map((line) => JSON.parse(line) as Told)) {
      if (told.kind === 'began') {
        under = told.title;
        open.push(under);
      } else if (told.kind !== 'over') {
        tests.push(told);
        const at = open.lastIndexOf(told.title);
        if (at >= 0) open.splice(at, 1);
      } else [cpuMs, isOver] = [told.cpuMs, true];
      if (firstFailure && told.kind === 'failed') child.kill('SIGTERM');
    }
  });
  const stillFor = watchMovement(child.pid);
  let killed: string | null = null;
  const looking = setInterval(
    () => {
      const isHeld = performance.now() - toldAt > paced(testMs + heldMs);
      if (killed !== null || (stillFor() < stillMs && !isHeld)) return;
      const why = isHeld ? 'it told nothing for too long' : 'nothing moved any more';
      killed = open.includes(under)
        ? `${why}; the last test to begin was: ${under}`
        : `${why}; all tests that began are over, the last was: ${under}. A hook does not end, or what a test left keeps the process`;
      askStalled(child.pid).then((words) => {
        killed += words;
        child.kill('SIGKILL');
      });
    },
    Math.min(lookMs, heldMs),
  );
  return new Promise((resolve) => {
    const end = (trouble: string | null) => {
      clearInterval(looking);
      running.delete(child);
      resolve({ unit, ms: performance.now() - startedAt, cpuMs, tests, trouble, printed });
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => {
      // Its pipes may be held open by a process that it left behind.
      const grace = setTimeout(() => end(killed ?? 'it left processes behind that hold its output'), paced(5_000));
      child.once('close', () => {
        clearTimeout(grace);
        const early = `it ended with ${signal ?? `exit code ${code}`} before it had told everything; at last: ${under}`;
        const failed = tests.some(({ kind }) => kind === 'failed');
        end(killed ?? (isOver && (code === 0 || failed) ? null : early));
      });
    });
  });
}

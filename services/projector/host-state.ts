import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { AppError, messageOf } from '../floor/app-error.ts';
import { hostFolder } from './commit-mark.ts';
import type { ProjectorStatus } from './projector.ts';
import type { RebuildOptions, RebuildReport } from './rebuild-models.ts';

/** What the one who writes says of himself; all processes of the host can read it. Times are those of the clock, in ms. */
export type HostState = {
  readonly pid: number;
  readonly host: string;
  /** Whether it has the role `projector`, or stands in for a process that does. */
  readonly standsIn: boolean;
  readonly stopped: string | null;
  readonly rebuilding: ProjectorStatus['rebuilding'];
  readonly rebuilt: RebuildReport | null;
  /** The last snapshot that this host has put down or come from, or null. */
  readonly snapshot: { readonly seq: number; readonly at: number } | null;
};

const nameOfState = 'state.json';
const asks = /^rebuild-([0-9a-z]{26})\.json$/;

/** A moment of this process's own clock, as one that other processes understand, and back. */
const toWall = (atMs: number) => atMs + performance.timeOrigin;
const fromWall = (atMs: number) => atMs - performance.timeOrigin;

type Said = Omit<HostState, 'pid' | 'host'>;

/** Writes the state anew when it differs from what was written before. */
export function stateWriter(dir: string): (said: Said) => void {
  let before = '';
  return (said) => {
    const rebuilding = said.rebuilding && { ...said.rebuilding, startedAtMs: toWall(said.rebuilding.startedAtMs) };
    const text = JSON.stringify({ pid: process.pid, host: hostname(), ...said, rebuilding });
    if (text === before) return;
    try {
      put(join(hostFolder(dir), nameOfState), text);
      before = text;
    } catch {
      // A disk that is full: the state is said when there is room again.
    }
  };
}

/** What the one who writes said last, or null. */
export function readState(dir: string): HostState | null {
  const state = jsonIn(join(hostFolder(dir), nameOfState)) as HostState | null;
  if (!state) return null;
  const { rebuilding } = state;
  return { ...state, rebuilding: rebuilding && { ...rebuilding, startedAtMs: fromWall(rebuilding.startedAtMs) } };
}

type Answer = { readonly report: RebuildReport } | { readonly error: string; readonly reason: string | null };

/** Asks the one who writes for a rebuild, and waits until it is done, whoever that is by then. */
export async function askForRebuild(
  dir: string,
  { verify = false }: RebuildOptions,
  everyMs: number,
  isOver: () => boolean,
): Promise<RebuildReport> {
  const id = ulid().toLowerCase();
  const folder = hostFolder(dir);
  put(join(folder, `rebuild-${id}.json`), JSON.stringify({ verify }));
  for (;;) {
    const answer = jsonIn(join(folder, `rebuilt-${id}.json`)) as Answer | null;
    if (answer) {
      rmSync(join(folder, `rebuilt-${id}.json`), { force: true });
      if ('report' in answer) return answer.report;
      throw new AppError('unavailable', answer.error, answer.reason ? { name: answer.reason } : {});
    }
    if (isOver()) {
      rmSync(join(folder, `rebuild-${id}.json`), { force: true });
      throw new AppError('unavailable', 'The service is stopping.');
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, everyMs);
    await promise;
  }
}

/** The rebuilds that other processes of the host wait for, each with how to answer it. */
export function rebuildsAskedFor(dir: string) {
  const folder = hostFolder(dir);
  return namesIn(folder).flatMap((name) => {
    const id = asks.exec(name)?.[1];
    const asked = id === undefined ? null : (jsonIn(join(folder, name)) as { verify?: unknown } | null);
    if (!asked) return [];
    const answer = (text: Answer) => {
      put(join(folder, `rebuilt-${id}.json`), JSON.stringify(text));
      rmSync(join(folder, name), { force: true });
    };
    return [
      {
        id,
        verify: asked.verify === true,
        done: (report: RebuildReport) => answer({ report }),
        failed: (error: unknown) =>
          answer({ error: messageOf(error), reason: error instanceof AppError ? (error.reason ?? null) : null }),
      },
    ];
  });
}

function put(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

import type { Projection } from '../../projections/define.ts';
import type { EventLog } from '../io/event-log.ts';
import { checksumsOf } from '../io/read-store.ts';
import { type Progress, startBuild } from './build-read-model.ts';

/** How far a rebuild is. `pass` counts from 1; a verified rebuild takes two. */
export type RebuildProgress = Progress & {
  readonly pass: number;
  readonly passes: number;
  readonly startedAtMs: number;
};

export type RebuildReport = {
  readonly seq: number;
  readonly durationMs: number;
  /** Checksums of the tables that served until now; empty when nothing was switched. */
  readonly before: Record<string, string>;
  readonly after: Record<string, string>;
  /** Whether the rebuilt read models serve now. */
  readonly switched: boolean;
  /** The tables that two replays of the same events filled with different rows; empty when nobody asked for a second one. */
  readonly differs: readonly string[];
};

export type RebuildOptions = {
  /** Replays twice, and switches only when both replays gave the same. */
  readonly verify?: boolean;
};

type Replaying = {
  readonly dir: string;
  readonly log: EventLog;
  readonly models: readonly Projection[];
  readonly onProgress: (progress: Progress) => void;
};

/** Replays the events up to `target` once more, beside a file that holds them. Answers the tables in which the two differ. */
export async function replayAgain(file: string, target: number, { dir, log, models, onProgress }: Replaying) {
  const second = startBuild(dir, log, onProgress, { name: 'read-model.verify.db', models });
  try {
    await second.advanceTo(target);
    const [first, again] = [await checksumsOf(file, models), await checksumsOf(second.file, models)];
    return { sums: first, differs: Object.keys(first).filter((table) => first[table] !== again[table]) };
  } finally {
    second.discard();
  }
}

/** Of several who ask at once all get the same rebuild; who wants it verified waits for one that is. */
export function oneRebuildAtATime(rebuild: (options: RebuildOptions) => Promise<RebuildReport>) {
  let running: { readonly verify: boolean; readonly done: Promise<RebuildReport> } | undefined;
  const ask = async ({ verify = false }: RebuildOptions = {}): Promise<RebuildReport> => {
    while (running && verify && !running.verify) await running.done.catch(() => {});
    if (!running) {
      const done = rebuild({ verify }).finally(() => {
        running = undefined;
      });
      running = { verify, done };
    }
    return running.done;
  };
  return { ask, settled: async () => void (await running?.done.catch(() => {})) };
}

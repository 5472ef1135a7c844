import { setTimeout as wait } from 'node:timers/promises';
import { type Config, readConfig } from '../../config.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { type ReplayPlace, replayLine } from '../../history/rules/replay-rate.ts';
import { silent } from '../../io/log.ts';
import { start } from '../../start.ts';
import { localService } from './local-service.ts';

type Result = {
  readonly seq: number;
  readonly duration_ms: number;
  readonly equal: boolean;
  readonly switched: boolean;
  readonly differs: readonly string[];
  readonly after: Record<string, string>;
};

type Watched = ReplayPlace & { readonly elapsed_ms: number };
type Standing = { readonly rebuilding: Watched | null; readonly last: Result | null };

/** Between two looks at a rebuild, in ms. */
const look = 250;

/** Where progress is shown: a bar that is drawn over on a terminal, a line for each tenth elsewhere, nothing beside JSON. */
export type ProgressPlace = {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
};

const onStderr: ProgressPlace = {
  isTerminal: process.stderr.isTTY === true,
  write: (text) => void process.stderr.write(text),
};

/**
 * Rebuilds the read models: through the running service, or, when none runs on the data folder, by itself. Exit code 1 when
 * what was built differs from what it replaces, or two replays differ from each other.
 */
export async function rebuild(
  env: NodeJS.ProcessEnv,
  { json, verify = false }: { json: boolean; verify?: boolean },
  print: (line: string) => void,
  place: ProgressPlace = onStderr,
): Promise<number> {
  const config = readConfig(env);
  const progress = json ? null : showProgress(place);
  const watch = (now: Watched | null) => progress?.show(now);
  const result = await offline(config, verify, watch)
    .catch((error) => {
      if (isAppError(error, 'conflict') && /in use/.test(error.message)) return online(config.dataDir, verify, watch);
      throw error;
    })
    .finally(() => progress?.end());
  if (json) print(JSON.stringify(result));
  else for (const line of linesOf(result, verify)) print(line);
  return result.equal ? 0 : 1;
}

function linesOf(result: Result, verify: boolean): string[] {
  const { seq, duration_ms, after, equal, switched, differs } = result;
  const perSec = Math.round((seq / Math.max(1, duration_ms)) * 1000) * (verify ? 2 : 1);
  const sums = Object.entries(after).map(([table, sum]) => `  ${table.padEnd(14)} ${sum}`);
  return [
    `rebuilt ${seq} events${verify ? ' twice' : ''} in ${(duration_ms / 1000).toFixed(1)} s (${perSec}/s)`,
    ...sums,
    ...(verify && switched ? ['both replays gave the same tables'] : []),
    !switched
      ? `two replays DIFFER in ${differs.join(', ')}: the read model that served goes on serving`
      : equal
        ? 'the rebuilt read model equals the one it replaces'
        : 'the rebuilt read model DIFFERS from the one it replaces',
  ];
}

async function offline(config: Config, verify: boolean, watch: (now: Watched | null) => void): Promise<Result> {
  const farm = await start({ ...config, roles: ['projector'] }, silent);
  const { models } = farm;
  const timer = setInterval(() => {
    const now = models?.status().rebuilding ?? null;
    watch(now && { ...now, elapsed_ms: performance.now() - now.startedAtMs });
  }, look);
  try {
    if (!models) throw new AppError('internal', 'The projector did not start.');
    const { seq, durationMs, before, after, switched, differs } = await models.rebuild({ verify });
    const equal = switched && JSON.stringify(before) === JSON.stringify(after);
    return { seq, duration_ms: durationMs, equal, switched, differs, after };
  } finally {
    clearInterval(timer);
    await farm.close();
  }
}

/** A long rebuild may outlast the patience of an HTTP client: it goes on, and what it came to is asked for in the end. */
async function online(dataDir: string, verify: boolean, watch: (now: Watched | null) => void): Promise<Result> {
  const api = await localService(dataDir);
  const outcome = api.post<Result>('/admin/rebuild', { verify }).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  let goesOn = false;
  for (;;) {
    const settled = await Promise.race([outcome, wait(look, null)]);
    if (settled && 'result' in settled) return settled.result;
    const { rebuilding, last } = await api.get<Standing>('/admin/rebuild');
    watch(rebuilding);
    if (settled && rebuilding === null) {
      if (goesOn && last) return last;
      throw settled.error;
    }
    goesOn = settled !== null;
    if (settled) await wait(look);
  }
}

function showProgress({ isTerminal, write }: ProgressPlace) {
  let shown = -1;
  let drawn = false;
  const show = (now: Watched | null) => {
    if (now === null) return;
    const line = replayLine(now, now.elapsed_ms);
    if (isTerminal) {
      write(`\r\x1b[2K${line}`);
      drawn = true;
      return;
    }
    const tenth = Math.floor(((now.pass - 1 + now.seq / Math.max(1, now.target)) / now.passes) * 10);
    if (tenth > shown) write(`${line}\n`);
    shown = Math.max(shown, tenth);
  };
  return { show, end: () => drawn && write('\n') };
}

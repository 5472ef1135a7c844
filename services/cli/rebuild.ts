import { AppError, isAppError } from '../app-error.ts';
import { readConfig } from '../config.ts';
import { silent } from '../io/log.ts';
import { start } from '../start.ts';
import { localService } from './local-service.ts';

type Result = {
  readonly seq: number;
  readonly duration_ms: number;
  readonly equal: boolean;
  readonly after: Record<string, string>;
};

/** Rebuilds the read models: through the running service, or, when none runs on the data folder, by itself. */
export async function rebuild(
  env: NodeJS.ProcessEnv,
  { json }: { json: boolean },
  print: (line: string) => void,
): Promise<number> {
  const config = readConfig(env);
  const result = await offline().catch((error) => {
    if (isAppError(error, 'conflict') && /in use/.test(error.message)) return online(config.dataDir);
    throw error;
  });
  if (json) print(JSON.stringify(result));
  else {
    print(
      `rebuilt ${result.seq} events in ${(result.duration_ms / 1000).toFixed(1)} s (${Math.round((result.seq / Math.max(1, result.duration_ms)) * 1000)}/s)`,
    );
    for (const [table, sum] of Object.entries(result.after)) print(`  ${table.padEnd(14)} ${sum}`);
    print(
      result.equal
        ? 'the rebuilt read model equals the one it replaces'
        : 'the rebuilt read model DIFFERS from the one it replaces',
    );
  }
  return result.equal ? 0 : 2;

  async function offline(): Promise<Result> {
    const farm = await start({ ...config, roles: ['projector'] }, silent);
    try {
      if (!farm.models) throw new AppError('internal', 'The projector did not start.');
      const { seq, durationMs, before, after } = await farm.models.rebuild();
      return { seq, duration_ms: durationMs, equal: JSON.stringify(before) === JSON.stringify(after), after };
    } finally {
      await farm.close();
    }
  }
}

async function online(dataDir: string): Promise<Result> {
  return (await localService(dataDir)).post<Result>('/admin/rebuild', {});
}

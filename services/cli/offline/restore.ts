import { resolve } from 'node:path';
import { restoreBackup } from '../../backup/restore-backup.ts';
import { readConfig } from '../../config.ts';
import { systemClock } from '../../floor/clock.ts';
import { printable } from '../../floor/text/printable.ts';
import { silent } from '../../io/log.ts';

export type RestoreCommand = {
  readonly file: string;
  readonly key?: string;
  readonly force?: boolean;
  readonly json?: boolean;
};

/** How often progress is told, in ms. */
const tellEvery = 2_000;

/** Restores a backup into the data folder, on which no service may run. */
export async function restore(
  env: NodeJS.ProcessEnv,
  { file, key, force = false, json = false }: RestoreCommand,
  print: (line: string) => void,
): Promise<number> {
  const config = readConfig(env);
  const startedAt = performance.now();
  let toldAt = startedAt;
  const onProgress = ({ events, of }: { events: number; of: number }) => {
    const now = performance.now();
    if (json || now - toldAt < tellEvery) return;
    toldAt = now;
    print(`  ${events} of ${of} events, ${Math.round((events / (now - startedAt)) * 1000)}/s`);
  };
  const { manifest, replaced } = await restoreBackup(
    config,
    { file: resolve(file), key: key ?? null, force, now: () => new Date(systemClock.now()), onProgress },
    silent,
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const { last_seq, events, secrets, made_at, source, with_logs } = manifest;
  if (json) {
    const facts = { data_dir: config.dataDir, last_seq, events, secrets, with_logs, made_at, source, replaced };
    print(JSON.stringify({ ok: true, ...facts, duration_ms: Math.round(seconds * 1000) }));
    return 0;
  }
  print(
    `${printable(config.dataDir)}: ${events} events up to ${last_seq}, ${secrets} secrets; ` +
      `${seconds.toFixed(1)} s (${Math.round(events / Math.max(0.001, seconds))} events/s); made ${printable(made_at)} on ${printable(source)}`,
  );
  if (replaced !== null) print(`What was there is in ${printable(replaced)} in the same folder.`);
  print('The next start builds the read models, makes a new admin bearer and compares branches and pull requests with');
  print('the log. Stop the farm that made the backup first: two farms on one log would both push and mail.');
  return 0;
}

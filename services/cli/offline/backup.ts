import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { backupOf } from '../../backup/make-backup.ts';
import { finishRestore } from '../../backup/restore-folder.ts';
import { type Written, writeBackup } from '../../backup/write-backup.ts';
import { makeCheckpoint } from '../../checkpoints/make-checkpoint.ts';
import { type Config, readConfig } from '../../config.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { systemClock } from '../../floor/clock.ts';
import { printable } from '../../floor/text/printable.ts';
import { version } from '../../floor/version.ts';
import { lockDataDir } from '../../io/files/data-lock.ts';
import { silent } from '../../io/log.ts';
import { openStore } from '../../io/open-store.ts';
import { apiClient } from '../farm/api-client.ts';
import { serverUrl } from '../farm/service-meant.ts';

export type BackupCommand = {
  readonly file: string;
  /** A service elsewhere, asked with the bearer in CRAFTING_TABLE_TOKEN. */
  readonly url?: string;
  readonly withLogs?: boolean;
  readonly json?: boolean;
};

/** How often progress is told, in ms. */
const tellEvery = 2_000;

/** Takes a backup: through the service that runs, here or elsewhere, or, when none runs on the data folder, by itself. */
export async function backup(
  env: NodeJS.ProcessEnv,
  { file, url, withLogs = false, json = false }: BackupCommand,
  print: (line: string) => void,
): Promise<number> {
  const path = resolve(file);
  const startedAt = performance.now();
  const tell = json ? () => {} : progressTo(print, startedAt);
  const config = readConfig(env);
  const written = url === undefined ? await near(config) : await from(url, env['CRAFTING_TABLE_TOKEN'] ?? '');
  const { manifest, bytes } = written;
  const seconds = (performance.now() - startedAt) / 1000;
  const { last_seq, events, secrets, with_logs, made_at, source } = manifest;
  const facts = { file: path, bytes, last_seq, events, secrets, with_logs, made_at, source };
  if (json) print(JSON.stringify({ ok: true, ...facts, duration_ms: Math.round(seconds * 1000) }));
  else {
    print(
      `${printable(path)}: ${events} events up to ${last_seq}, ${secrets} secrets (sealed)${with_logs ? ', logs' : ''}; ` +
        `${megabytes(bytes)} MB in ${seconds.toFixed(1)} s (${Math.round(events / Math.max(0.001, seconds))} events/s); read back and checked`,
    );
    print(`Keep the key apart from it: ${keyPlace(config, url)}. Without the key no restore is possible.`);
  }
  return 0;

  async function near(config: Config): Promise<Written> {
    try {
      return await alone(config);
    } catch (error) {
      if (!isAppError(error, 'conflict') || !/in use/.test(error.message)) throw error;
    }
    const read = async (name: string) => (await readFile(join(config.dataDir, name), 'utf8')).trim();
    return from(serverUrl(await read('url.txt')), await read('admin-bearer.txt'));
  }

  async function alone(config: Config): Promise<Written> {
    if (config.natsUrl === null && !existsSync(config.dataDir))
      throw new AppError('not_found', `There is no farm in ${config.dataDir}; set CRAFTING_DATA_DIR.`);
    const lock = lockDataDir(config.dataDir);
    try {
      await finishRestore(config.dataDir);
      if (config.natsUrl === null && !existsSync(join(config.dataDir, 'nats')))
        throw new AppError('not_found', `There is no farm in ${config.dataDir}; set CRAFTING_DATA_DIR.`);
      const store = await openStore({ ...config, natsListen: null, natsTls: null }, silent);
      try {
        return await writeBackup(
          path,
          backupOf(
            { ...store, checkpoint: () => makeCheckpoint('backup', { ...store, dataDir: config.dataDir }) },
            { version, withLogs, madeAt: new Date(systemClock.now()) },
          ),
          tell,
        );
      } finally {
        await store.close();
      }
    } finally {
      lock.release();
    }
  }

  async function from(service: string, bearer: string): Promise<Written> {
    if (bearer === '')
      throw new AppError('unauthorized', 'A backup needs an admin bearer: put it into CRAFTING_TABLE_TOKEN.');
    const api = apiClient(service, bearer);
    const body = await api.bytes(`/admin/backup${withLogs ? '?with_logs=1' : ''}`);
    return writeBackup(path, body, tell);
  }
}

function progressTo(print: (line: string) => void, startedAt: number): (bytes: number) => void {
  let toldAt = startedAt;
  return (bytes) => {
    const now = performance.now();
    if (now - toldAt < tellEvery) return;
    toldAt = now;
    print(`  ${megabytes(bytes)} MB, ${megabytes((bytes / (now - startedAt)) * 1000)} MB/s`);
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function keyPlace({ secretKey, dataDir }: Config, url: string | undefined): string {
  if (url !== undefined) return 'secret.key in the data folder of that service, or its CRAFTING_SECRET_KEY';
  return secretKey ? 'CRAFTING_SECRET_KEY' : printable(join(dataDir, 'secret.key'));
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkBackup } from '../../backup/check-backup.ts';
import { messagesOf } from '../../backup/restore-backup.ts';
import { checkLog, checkMessages } from '../../checkpoints/check-log.ts';
import type { ChainReport } from '../../checkpoints/rules/check-chain.ts';
import { readConfig } from '../../config.ts';
import { AppError } from '../../floor/app-error.ts';
import { lockDataDir } from '../../io/data-lock.ts';
import { silent } from '../../io/log.ts';
import { openStore } from '../../io/open-store.ts';
import { readKeys } from '../../statements/rules/key-set.ts';
import type { Cli } from '../define.ts';

type Asked = { readonly backup?: string; readonly data?: string; readonly key?: string };

/** Holds a log against its checkpoints: that of a backup, of a folder whose service is stopped, or of the service. */
export async function verifyLog(cli: Cli, { backup, data, key }: Asked): Promise<ChainReport> {
  if (backup !== undefined && data !== undefined)
    throw new AppError('invalid', 'One log at a time: --backup or --data.');
  const text = key === undefined ? null : await readFile(key, 'utf8').catch(() => null);
  if (key !== undefined && text === null) throw new AppError('invalid', `${key} cannot be read.`);
  const keys = text === null || key === undefined ? null : readKeys(text, key);
  if (backup !== undefined) {
    const path = resolve(backup);
    const manifest = await checkBackup(path);
    return checkMessages(messagesOf(path, manifest, 'events'), keys, null);
  }
  if (data !== undefined) return ofFolder(resolve(data), cli, keys);
  if (keys !== null)
    throw new AppError('invalid', 'A service checks itself by its own keys: give --key with --backup or --data.');
  const answer = await (await cli.client()).post<Omit<ChainReport, 'ok' | 'foreign_keys'> & { whole: boolean }>(
    '/admin/audit/verify',
    {},
  );
  const { events, checkpoints, covered, head, fault, whole } = answer;
  return { ok: whole, events, checkpoints, covered, head, keys: answer.keys, foreign_keys: false, fault };
}

async function ofFolder(dataDir: string, { env }: Cli, keys: Parameters<typeof checkLog>[1]): Promise<ChainReport> {
  if (!existsSync(join(dataDir, 'nats'))) throw new AppError('not_found', `There is no log of a farm in ${dataDir}.`);
  const config = readConfig({ ...env, CRAFTING_DATA_DIR: dataDir });
  const lock = lockDataDir(dataDir);
  try {
    const store = await openStore({ ...config, natsUrl: null, natsListen: null, natsTls: null }, silent);
    try {
      return await checkLog(store.nats, keys, dataDir);
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

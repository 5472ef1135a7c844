import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BackupManifest, checkSeal, keyPrint } from '../../backup/backup-manifest.ts';
import { checkBackup } from '../../backup/check-backup.ts';
import { messagesOf, secretKeyFor } from '../../backup/restore-backup.ts';
import { checkLog, checkMessages } from '../../checkpoints/check-log.ts';
import type { Anchor, ChainReport } from '../../checkpoints/rules/check-chain.ts';
import { keptHead } from '../../checkpoints/rules/kept-head.ts';
import { readConfig } from '../../config.ts';
import { AppError } from '../../floor/app-error.ts';
import { lockDataDir } from '../../io/files/data-lock.ts';
import { silent } from '../../io/log.ts';
import { openStore } from '../../io/open-store.ts';
import { openSealBox } from '../../io/sealing/seal-box.ts';
import { readKeys } from '../../statements/rules/key-set.ts';
import type { Cli } from '../define.ts';

type Asked = {
  readonly backup?: string;
  readonly data?: string;
  readonly key?: string;
  readonly head?: string;
  readonly secretKey?: string;
};

/** Holds a log against its checkpoints: that of a backup, of a folder whose service is stopped, or of the service. */
export async function verifyLog(cli: Cli, { backup, data, key, head, secretKey }: Asked): Promise<ChainReport> {
  if (backup !== undefined && data !== undefined)
    throw new AppError('invalid', 'One log at a time: --backup or --data.');
  const text = key === undefined ? null : await readFile(key, 'utf8').catch(() => null);
  if (key !== undefined && text === null) throw new AppError('invalid', `${key} cannot be read.`);
  const keys = text === null || key === undefined ? null : readKeys(text, key);
  if (secretKey !== undefined && backup === undefined)
    throw new AppError('invalid', 'A secret key opens the seal of a backup: give it with --backup.');
  const heads = head === undefined ? [] : [keptHead(head)];
  if (backup !== undefined) {
    const path = resolve(backup);
    const manifest = await checkBackup(path);
    checkSealOf(manifest, { secretKey: secretKey ?? null, cli });
    return checkMessages(messagesOf(path, manifest, 'events'), keys, heads);
  }
  if (data !== undefined) return ofFolder(resolve(data), cli, { keys, heads });
  if (keys !== null)
    throw new AppError('invalid', 'A service checks itself by its own keys: give --key with --backup or --data.');
  const answer = await (await cli.client()).post<Omit<ChainReport, 'ok' | 'foreign_keys'> & { whole: boolean }>(
    `/admin/audit/verify${head === undefined ? '' : `?head=${encodeURIComponent(head.trim())}`}`,
    {},
  );
  const { events, checkpoints, covered, held_to, fault, whole } = answer;
  return {
    ok: whole,
    events,
    checkpoints,
    covered,
    head: answer.head,
    held_to,
    keys: answer.keys,
    foreign_keys: false,
    fault,
  };
}

type Against = { readonly keys: Parameters<typeof checkLog>[1]; readonly heads: readonly Anchor[] };

/**
 * Holds the manifest against the farm's seal as a restore does: an end that was cut off leaves a chain that is whole. A key
 * that only happens to lie here may be another farm's.
 */
function checkSealOf(manifest: BackupManifest, { secretKey, cli }: { secretKey: string | null; cli: Cli }): void {
  const hex = secretKeyFor(readConfig(cli.env), secretKey === null ? null : resolve(secretKey));
  const box = hex === null ? null : openSealBox([Buffer.from(hex, 'hex')]);
  if (box !== null && (secretKey !== null || manifest.key === keyPrint(box))) checkSeal(manifest, box);
  else
    cli.printError('The seal of the backup was not checked, so that its end may be cut off: give --secret-key FILE.');
}

async function ofFolder(dataDir: string, { env }: Cli, { keys, heads }: Against): Promise<ChainReport> {
  if (!existsSync(join(dataDir, 'nats'))) throw new AppError('not_found', `There is no log of a farm in ${dataDir}.`);
  const config = readConfig({ ...env, CRAFTING_DATA_DIR: dataDir });
  const lock = lockDataDir(dataDir);
  try {
    const store = await openStore({ ...config, natsUrl: null, natsListen: null, natsTls: null }, silent);
    try {
      return await checkLog(store.nats, keys, { dataDir, heads });
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

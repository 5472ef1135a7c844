import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readConfig } from '../../config.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { lockDataDir } from '../../io/files/data-lock.ts';
import { silent } from '../../io/log.ts';
import type { Bucket } from '../../io/nats/stores/bucket.ts';
import { openStore } from '../../io/open-store.ts';
import { isKeyText, keysIn, type SealBox } from '../../io/sealing/seal-box.ts';

/**
 * Seals everything with another key. Without CRAFTING_SECRET_KEY it makes one and keeps it in secret.key; with it, the variable
 * names the new key and the old one. Cut off at any moment it leaves both keys, and is called again. `forgetLost` removes
 * what no key opens.
 */
export async function rekey(
  env: NodeJS.ProcessEnv,
  print: (line: string) => void,
  { forgetLost = false }: { forgetLost?: boolean } = {},
): Promise<number> {
  const config = readConfig(env);
  const file = join(config.dataDir, 'secret.key');
  const lock = lockDataDir(config.dataDir);
  try {
    if (config.secretKey === null) await addKey(file);
    else if (keysIn(config.secretKey).length < 2 && !forgetLost)
      throw new AppError(
        'invalid',
        'Set CRAFTING_SECRET_KEY to the new key, a comma and the old one, then call this again.',
      );
    const { resealed, forgotten } = await resealAll(config, forgetLost);
    if (forgotten > 0) print(`removed ${forgotten} values that no key opens: set those secrets anew`);
    if (config.secretKey === null) {
      await writeKeys(file, keysIn(readFileSync(file, 'utf8').trim()).slice(0, 1));
      print(
        `sealed ${resealed} values with a new key: ${file}; keep a copy of it apart, older backups need the older key`,
      );
    } else print(`sealed ${resealed} values with the first key: from now on CRAFTING_SECRET_KEY needs that one alone`);
    return 0;
  } finally {
    lock.release();
  }
}

/** Puts a new key before the others, unless an earlier call has and was cut off. */
async function addKey(file: string): Promise<void> {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (!isKeyText(text)) throw new AppError('invalid', `${file} holds no key: there is nothing to seal anew.`);
  const keys = keysIn(text);
  if (keys.length === 1) await writeKeys(file, [randomBytes(32), ...keys]);
}

async function writeKeys(file: string, keys: readonly Buffer[]): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${keys.map((key) => key.toString('hex')).join('\n')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

type Sealed = { resealed: number; forgotten: number };

async function resealAll(config: Config, forgetLost: boolean): Promise<Sealed> {
  const store = await openStore(config, silent);
  try {
    const done: Sealed = { resealed: 0, forgotten: 0 };
    for (const bucket of store.sealed) await resealBucket(bucket, store.box, forgetLost, done);
    const bottles = await store.bottles.reseal(forgetLost);
    done.resealed += bottles.resealed;
    done.forgotten += bottles.forgotten;
    await store.log.append({ type: 'SecretKeyRotated', id: 'key', data: { resealed: done.resealed } });
    await store.log.flush();
    return done;
  } finally {
    await store.close();
  }
}

async function resealBucket(bucket: Bucket, box: SealBox, forgetLost: boolean, done: Sealed): Promise<void> {
  for (const [name, entry] of await bucket.entries()) {
    if (box.isSealedAnew(name, entry.value)) continue;
    try {
      await bucket.update(name, box.seal(name, box.open(name, entry.value)), entry.revision);
      done.resealed += 1;
    } catch (error) {
      if (forgetLost && isAppError(error, 'unavailable')) {
        await bucket.erase(name);
        done.forgotten += 1;
      }
      // A conflict: written by a service that has both keys, and so with the new one; or erased.
      else if (!isAppError(error, 'conflict')) throw error;
    }
  }
}

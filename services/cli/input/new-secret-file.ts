import { type FileHandle, open, rm } from 'node:fs/promises';
import { AppError, messageOf } from '../../floor/app-error.ts';

/**
 * Makes a file for a secret that is shown once, before it is asked for: a file that cannot be written must not cost it.
 * Readable by its owner alone; what is there already is never written over. Nothing is left when the work fails.
 */
export async function newSecretFile<T>(file: string, work: (keep: (secret: string) => Promise<void>) => Promise<T>) {
  const handle: FileHandle = await open(file, 'wx', 0o600).catch((cause) => {
    const why = cause.code === 'EEXIST' ? 'it is there already' : messageOf(cause);
    throw new AppError('invalid', `${file} cannot be written: ${why}.`, { cause });
  });
  let isKept = false;
  try {
    return await work(async (secret) => {
      await handle.writeFile(`${secret}\n`);
      await handle.sync();
      isKept = true;
    });
  } finally {
    await handle.close();
    if (!isKept) await rm(file, { force: true });
  }
}

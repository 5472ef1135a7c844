import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../floor/app-error.ts';
import { syncFolder } from '../io/files/sync-tree.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { checkBackup } from './check-backup.ts';

export type Written = { readonly manifest: BackupManifest; readonly bytes: number };

/**
 * Writes a backup beside its place (`FILE.partial`, 0600), reads it back, and moves it in place when it is whole and on
 * disk. Throws AppError('conflict') when there is such a file already, ('invalid') when it cannot be written or what
 * came is no whole backup; nothing stays then.
 */
export async function writeBackup(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => {},
): Promise<Written> {
  await refuseExisting(file);
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new AppError('invalid', `${partial} cannot be written: ${cause.code}.`, { cause });
  });
  try {
    await handle.chmod(0o600);
    const bytes = await writeAll(handle, chunks, onBytes).finally(() => handle.close());
    const manifest = await checkBackup(partial);
    await refuseExisting(file);
    await rename(partial, file);
    await syncFolder(dirname(file));
    return { manifest, bytes };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeAll(
  handle: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    await handle.writeFile(chunk);
    bytes += chunk.length;
    onBytes(bytes);
  }
  await handle.sync();
  return bytes;
}

async function refuseExisting(file: string): Promise<void> {
  const there = await open(file, 'r').then(
    (handle) => handle.close().then(() => true),
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  if (there) throw new AppError('conflict', `${file} exists; a backup is never written over. Choose another name.`);
}

import { createHash } from 'node:crypto';
import { AppError } from '../floor/app-error.ts';
import { type BackupManifest, type BackupPart, manifestName, readManifest } from './backup-manifest.ts';
import { filesOf, type TarFile } from './tar-file.ts';

/**
 * Reads a backup to its end and holds every part against the manifest. Throws AppError('invalid') that says in one
 * sentence what is wrong: cut off, damaged, changed, of a newer format.
 */
export async function checkBackup(path: string): Promise<BackupManifest> {
  const found: { name: string; bytes: number; sha256: string }[] = [];
  let manifest: BackupManifest | undefined;
  for await (const { name, bytes } of filesOf(path)) {
    if (manifest !== undefined) throw new AppError('invalid', `${path} goes on behind its manifest.`);
    if (name === manifestName) manifest = readManifest(bytes);
    else found.push({ name, bytes: bytes.length, sha256: sha256Of(bytes) });
  }
  if (manifest === undefined) throw new AppError('invalid', `${path} is cut off: it has no manifest.`);
  const { parts } = manifest;
  for (const [index, part] of parts.entries()) {
    const one = found[index];
    if (one?.name !== part.name) throw new AppError('invalid', `${path} lacks the part ${part.name}.`);
    if (one.sha256 !== part.sha256) throw damaged(path, part);
  }
  if (found.length > parts.length)
    throw new AppError('invalid', `${path} holds a part that its manifest does not name.`);
  checkEvents(manifest);
  return manifest;
}

/** The bytes of a part once more, as the manifest has them. */
export function checkPart(path: string, { name, bytes }: TarFile, part: BackupPart | undefined): void {
  if (part?.name !== name || part.sha256 !== sha256Of(bytes)) throw damaged(path, { name });
}

/** The log is whole: from its first event to the last, without a gap between the parts. */
function checkEvents({ parts, last_seq }: BackupManifest): void {
  let reached = 0;
  for (const { name, first, last, messages } of parts.filter((one) => one.name.startsWith('events/'))) {
    if (first !== reached + 1 || messages !== last - first + 1)
      throw new AppError('invalid', `The backup has a gap in its log before ${name}.`);
    reached = last;
  }
  if (reached !== last_seq)
    throw new AppError('invalid', `The log of the backup ends at ${reached}; its manifest says ${last_seq}.`);
}

function damaged(path: string, { name }: Pick<BackupPart, 'name'>): AppError {
  return new AppError('invalid', `${path} is damaged: the part ${name} does not have the checksum of its manifest.`);
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

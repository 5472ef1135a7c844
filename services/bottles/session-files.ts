import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FrozenFile, frozenLimits } from './rules/frozen-state.ts';

/**
 * The files of a session below HOME, once all processes of their job have ended. Links and what is no file are left out; null when
 * they are more than may be kept.
 */
export async function readSession(home: string, paths: readonly string[]): Promise<FrozenFile[] | null> {
  const files: FrozenFile[] = [];
  let bytes = 0;
  const take = async (path: string): Promise<boolean> => {
    const found = await lstat(join(home, path)).catch(() => null);
    if (found?.isDirectory()) {
      for (const name of (await readdir(join(home, path))).sort()) if (!(await take(join(path, name)))) return false;
      return true;
    }
    if (!found?.isFile()) return true;
    bytes += found.size;
    if (bytes > frozenLimits.bytes || files.length >= frozenLimits.files) return false;
    const content = await readPlain(join(home, path));
    if (content !== null) files.push({ path, mode: found.mode & 0o700, bytes: content });
    return true;
  };
  for (const path of paths) if (!(await take(path))) return null;
  return files;
}

async function readPlain(path: string): Promise<Buffer | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    return (await file.stat()).isFile() ? await file.readFile() : null;
  } finally {
    await file.close();
  }
}

/** Puts files below a HOME that nobody has used yet. */
export async function writeSession(
  home: string,
  files: readonly Pick<FrozenFile, 'path' | 'mode' | 'bytes'>[],
): Promise<void> {
  for (const { path, mode, bytes } of files) {
    const place = join(home, path);
    await mkdir(dirname(place), { recursive: true, mode: 0o755 });
    await writeFile(place, bytes, { mode: mode | 0o600 });
  }
}

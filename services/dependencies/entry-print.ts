import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { copyFile, readFile, rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

/** So long others wait while names are looked at, in ms. */
const longestTurnMs = 8;
/** Larger files are read in pieces. */
const largeBytes = 8 * 1024 * 1024;

type Walked = {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly info: BigStats;
};
type BigStats = ReturnType<typeof statOf>;

const statOf = (path: string) => lstatSync(path, { bigint: true });

/** All that lies below a folder, in one order, `path` relative to it; without blocking others for long. */
export async function* walkEntry(root: string): AsyncGenerator<Walked> {
  const folders = [''];
  let since = performance.now();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const info = statOf(join(root, path));
      const kind = info.isDirectory() ? 'folder' : info.isFile() ? 'file' : info.isSymbolicLink() ? 'link' : 'other';
      if (kind === 'folder') folders.push(path);
      yield { path, kind, info };
      if (performance.now() - since < longestTurnMs) continue;
      await turn();
      since = performance.now();
    }
  }
}

/**
 * What the kernel says of everything below a folder: nobody can change a file and set its time of change back. The folders
 * right below are left out of that, since to move them changes theirs.
 */
export async function printOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const { path, info } of walkEntry(root)) {
    const { ino, mode, uid, size, nlink, mtimeNs, ctimeNs } = info;
    hash.update([path, ino, mode, uid, size, nlink, mtimeNs, path.includes('/') ? ctimeNs : 0].join('\0'));
    hash.update('\n');
  }
  return hash.digest('hex');
}

export type Content = { readonly digest: string; readonly bytes: number; readonly files: number };

type Looks = {
  /** Sees each file first, and may take it away by answering false. `bytes` is null for a large one. */
  readonly onFile?: (path: string, bytes: Buffer | null, info: BigStats) => Promise<boolean>;
  readonly onOther?: (path: string) => void;
};

/** What files, links and modes hold, as one digest. */
export async function contentOf(
  root: string,
  { onFile = async () => true, onOther = () => {} }: Looks = {},
): Promise<Content> {
  const hash = createHash('sha256');
  let [bytes, files] = [0, 0];
  for await (const { path, kind, info } of walkEntry(root)) {
    const at = join(root, path);
    if (kind === 'other') {
      onOther(path);
      continue;
    }
    const small = kind === 'file' && info.size <= largeBytes ? await readFile(at) : null;
    if (kind === 'file' && !(await onFile(path, small, info))) continue;
    const what = kind === 'link' ? readlinkSync(at) : kind === 'file' ? await digestOf(at, small) : '';
    hash.update([path, kind, info.mode & 0o7777n, what].join('\0'));
    hash.update('\n');
    if (kind === 'file') [bytes, files] = [bytes + Number(info.size), files + 1];
  }
  return { digest: hash.digest('hex'), bytes, files };
}

async function digestOf(path: string, small: Buffer | null): Promise<string> {
  const hash = createHash('sha256');
  if (small !== null) return hash.update(small).digest('hex');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Makes a file with several names one of its own, so that nobody can write to it under another name. */
export async function breakLinks(path: string, info: BigStats): Promise<void> {
  const fresh = `${path}.ct-own`;
  await copyFile(path, fresh);
  await utimes(fresh, Number(info.atimeMs) / 1000, Number(info.mtimeNs) / 1e9);
  await rename(fresh, path);
}

import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, lstat, open, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../../../floor/app-error.ts';
import { localFailure } from '../../mirrors/git-failure.ts';
import type { GitProcesses } from '../../mirrors/git-processes.ts';
import { type Tries, withTries } from '../../mirrors/remote-tries.ts';
import { parseRemoteUrl, type Remote } from '../../mirrors/remote-url.ts';
import { bringObjects, type LargeFile, objectPath } from './large-file-store.ts';

type LargeFileDeps = {
  readonly processes: GitProcesses;
  readonly env: Record<string, string>;
  readonly timeoutMs: number;
  readonly tries: Tries;
  readonly now: () => number;
};

/** Which commit of which mirror stands in `tree`, as `index` knows it. */
export type LargePlace = {
  readonly remote: Remote;
  readonly mirror: string;
  readonly sha: string;
  readonly tree: string;
  readonly index: string;
};

/** A file of the tree that stands for the pointer that git knows. */
export type ShownFile = LargeFile & { readonly at: string; readonly pointer: Buffer };

const mostFiles = 10_000;
const mostBytes = 8 * 2 ** 30;
/** Longer files are no pointers, says the specification. */
const longestPointer = 1024;

/**
 * Puts the content of large files where git has their pointers, and answers which; the tree's own repository takes them as
 * unchanged. Read is what has `filter=lfs` and is a pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). The
 * server is the remote's own unless `.lfsconfig` names another, which sees a credential only on the remote's origin.
 * AppError as `bringObjects`; ('too_large') over 10,000 files or 8 GiB.
 */
export async function showLargeFiles(
  deps: LargeFileDeps,
  place: LargePlace,
  signal?: AbortSignal,
): Promise<ShownFile[]> {
  const files = await pointersIn(deps, place);
  if (files.length === 0) return [];
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > mostFiles || bytes > mostBytes)
    throw new AppError(
      'too_large',
      `The tree has ${files.length} LFS files of ${bytes} bytes; at most ${mostFiles} of ${mostBytes} are brought.`,
    );
  const server = await serverOf(deps, place);
  const dir = path.join(place.mirror, 'lfs', 'objects');
  const limit = AbortSignal.any([
    deps.tries.stopping,
    AbortSignal.timeout(deps.timeoutMs),
    ...(signal ? [signal] : []),
  ]);
  await withTries(deps.tries, () => bringObjects({ server, dir, signal: limit, now: deps.now() }, files));
  for (const { at, oid } of files)
    await copyFile(objectPath(dir, oid), path.join(place.tree, at), constants.COPYFILE_FICLONE);
  return files;
}

/** Has a repository of the tree's own take these files as unchanged. */
export async function takeAsUnchanged(
  deps: Omit<LargeFileDeps, 'tries' | 'now'>,
  tree: string,
  files: readonly ShownFile[],
): Promise<void> {
  if (files.length === 0) return;
  const own = path.join(tree, '.git');
  const env = { ...deps.env, GIT_DIR: own, GIT_WORK_TREE: tree, GIT_INDEX_FILE: path.join(own, 'index') };
  const input = files.map(({ at }) => `${at}\0`).join('');
  const args = ['update-index', '--assume-unchanged', '-z', '--stdin'];
  const marked = await deps.processes.run({ ...deps, command: 'git', args, cwd: tree, env, input });
  if (marked.code !== 0) throw localFailure('marking LFS files', marked);
}

/** Puts the pointers back where the content is as it was shown, so that it is no change of the tree. */
export async function hideLargeFiles(tree: string, files: readonly ShownFile[]): Promise<void> {
  for (const file of files) {
    const found = await plainFile(tree, file.at);
    if (found?.size !== file.size || (await digestOf(path.join(tree, file.at))) !== file.oid) continue;
    await writeFile(path.join(tree, file.at), file.pointer);
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function pointersIn(deps: LargeFileDeps, { mirror, tree, index }: LargePlace): Promise<ShownFile[]> {
  const env = { ...deps.env, GIT_DIR: mirror, GIT_WORK_TREE: tree, GIT_INDEX_FILE: index };
  const args = ['ls-files', '-z', ':(attr:filter=lfs)'];
  const listed = await deps.processes.run({ ...deps, command: 'git', args, cwd: tree, env });
  if (listed.code !== 0) throw localFailure('listing LFS files', listed);
  const found: ShownFile[] = [];
  for (const at of listed.stdout.split('\0').filter((name) => name !== '')) {
    const size = (await plainFile(tree, at))?.size ?? Number.POSITIVE_INFINITY;
    const pointer = size < longestPointer ? await readStart(path.join(tree, at)) : undefined;
    const named = pointer && readPointer(pointer.toString('latin1'));
    if (pointer && named) found.push({ ...named, at, pointer });
  }
  return found;
}

/** A file that lies in the tree, and to which no link leads. */
async function plainFile(tree: string, at: string) {
  const [file, root] = [path.join(tree, at), await realpath(tree)];
  const parent = await realpath(path.dirname(file)).catch(() => undefined);
  if (parent !== path.dirname(path.join(root, at))) return undefined;
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() ? found : undefined;
}

async function readStart(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestPointer), 0, longestPointer, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What a pointer file names, or undefined where it is none. */
export function readPointer(text: string): LargeFile | undefined {
  if (!/^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n/.test(text)) return undefined;
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  return oid === undefined || size === undefined ? undefined : { oid, size: Number(size) };
}

async function serverOf(deps: LargeFileDeps, { remote, mirror, sha, tree }: LargePlace): Promise<Remote> {
  const args = ['config', '--blob', `${sha}:.lfsconfig`, '--get', 'lfs.url'];
  const said = await deps.processes.run({
    ...deps,
    command: 'git',
    args,
    cwd: tree,
    env: { ...deps.env, GIT_DIR: mirror },
  });
  const isHttp = /^https?:/.test(remote.url);
  if (said.code === 0 && said.stdout.trim() !== '') {
    const named = parseRemoteUrl(said.stdout.trim(), { allowLocal: false });
    if (named.kind === 'http') {
      const isSame = isHttp && new URL(named.url).origin === new URL(remote.url).origin;
      return isSame && remote.credential ? { url: named.url, credential: remote.credential } : { url: named.url };
    }
  }
  if (remote.url.startsWith('/')) return remote;
  if (!isHttp)
    throw new AppError(
      'invalid',
      `LFS files are brought by http(s) alone: register ${remote.url} with such an address.`,
      {
        name: 'git_lfs',
      },
    );
  return { ...remote, url: `${remote.url.replace(/\.git$/, '')}.git/info/lfs` };
}

import { mkdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../floor/app-error.ts';
import { localFailure, missingCommit } from '../mirrors/git-failure.ts';
import type { GitProcesses } from '../mirrors/git-processes.ts';
import * as mirror from '../mirrors/mirror-store.ts';
import { refuseOwnFolder } from '../mirrors/own-folder.ts';
import { isSha } from '../mirrors/ref-name.ts';
import { parseRemoteUrl, type Remote } from '../mirrors/remote-url.ts';
import type { LargePlace } from './large-files/large-files.ts';

type SubmoduleDeps = {
  processes: GitProcesses;
  env: Record<string, string>;
  timeoutMs: number;
  mirrors: mirror.MirrorStore;
  allowLocal: boolean;
  /** Puts LFS files in, where they are asked for. */
  bringLarge?: (place: LargePlace) => Promise<unknown>;
  /** Folders of the farm, which no submodule may name. */
  own: readonly string[];
};

/** Which commit of which repository stands in `tree`; `index` is a file beside it whose name nobody else uses. */
type Place = { remote: Remote; sha: string; tree: string; index: string };

const deepest = 5;
const mostInAll = 200;

/**
 * Fills the folders of submodules, and of theirs. A submodule of the same origin is asked with the credential of the project, any
 * other with none; what its address says of users and passwords is left out. The folders hold files alone, without a `.git`.
 * AppError as a checkout, with the path of the submodule.
 */
export async function showSubmodules(deps: SubmoduleDeps, place: Place): Promise<void> {
  const left = { count: mostInAll };
  await fill(deps, place, { prefix: '', depth: 0, left });
}

type Depth = { prefix: string; depth: number; left: { count: number } };

async function fill(deps: SubmoduleDeps, place: Place, { prefix, depth, left }: Depth): Promise<void> {
  const gitlinks = await gitlinksOf(deps, place);
  if (gitlinks.length === 0) return;
  const urls = await addressesOf(deps, place);
  for (const { at, sha } of gitlinks) {
    const name = path.posix.join(prefix, at);
    left.count -= 1;
    if (left.count < 0 || depth >= deepest)
      throw refused(name, `is one of more than ${mostInAll}, or more than ${deepest} levels deep`);
    const written = urls.get(at);
    if (written === undefined) throw refused(name, 'has no address in .gitmodules');
    const remote = addressFrom(written, place.remote, { name, allowLocal: deps.allowLocal, own: deps.own });
    const tree = await folderIn(place.tree, at, name);
    const inside = { remote, sha, tree, index: place.index };
    await show(deps, inside, name);
    await fill(deps, inside, { prefix: name, depth: depth + 1, left });
  }
}

async function show({ mirrors, ...deps }: SubmoduleDeps, { remote, sha, tree, index }: Place, name: string) {
  const leave = await mirror.use(mirrors, remote);
  try {
    await mirror.checkAccess(mirrors, remote);
    await mirror.healing(mirrors, remote, async () => {
      if (!(await mirror.bring(mirrors, remote, sha))) throw missingCommit(remote, sha);
      await rm(index, { force: true });
      const env = {
        ...deps.env,
        GIT_DIR: mirror.mirrorOf(mirrors, remote).dir,
        GIT_WORK_TREE: tree,
        GIT_INDEX_FILE: index,
      };
      const args = ['read-tree', '--reset', '-u', sha];
      const shown = await deps.processes.run({ ...deps, command: 'git', args, cwd: tree, env });
      if (shown.code !== 0) throw localFailure(`checking out the submodule ${name}`, shown);
      await deps.bringLarge?.({ remote, mirror: mirror.mirrorOf(mirrors, remote).dir, sha, tree, index });
    });
  } catch (error) {
    if (error instanceof AppError) error.message = `The submodule ${name}: ${error.message}`;
    throw error;
  } finally {
    leave();
    await rm(index, { force: true });
  }
}

async function gitlinksOf(deps: SubmoduleDeps, { remote, sha }: Place): Promise<{ at: string; sha: string }[]> {
  const listed = await gitIn(deps, remote, ['ls-tree', '-r', '-z', '--full-tree', sha]);
  if (listed.code !== 0) throw localFailure('listing submodules', listed);
  return listed.stdout.split('\0').flatMap((line) => {
    const [, id = '', at = ''] = /^160000 commit ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
    return isSha(id) ? [{ at, sha: id }] : [];
  });
}

/** The addresses that `.gitmodules` gives to paths; git itself reads it. */
async function addressesOf(deps: SubmoduleDeps, { remote, sha }: Place): Promise<Map<string, string>> {
  const said = await gitIn(deps, remote, ['config', '--blob', `${sha}:.gitmodules`, '-z', '--list']);
  const [paths, urls] = [new Map<string, string>(), new Map<string, string>()];
  for (const line of said.code === 0 ? said.stdout.split('\0') : []) {
    const [, name, key, value = ''] = /^submodule\.([\s\S]+)\.(path|url)\n([\s\S]*)$/.exec(line) ?? [];
    if (name !== undefined) (key === 'path' ? paths : urls).set(name, value);
  }
  return new Map([...paths].flatMap(([name, at]) => (urls.has(name) ? [[at, urls.get(name) ?? '']] : [])));
}

function gitIn({ processes, env, timeoutMs, mirrors }: SubmoduleDeps, remote: Remote, args: string[]) {
  const { dir } = mirror.mirrorOf(mirrors, remote);
  return processes.run({ command: 'git', args, cwd: path.dirname(dir), env: { ...env, GIT_DIR: dir }, timeoutMs });
}

/** An address as git reads it: `./` and `../` are taken from that of the repository around it. */
function addressFrom(
  written: string,
  around: Remote,
  { name, allowLocal, own }: { name: string; allowLocal: boolean; own: readonly string[] },
): Remote {
  const isRelative = written.startsWith('./') || written.startsWith('../');
  const isHttp = /^https?:/.test(around.url);
  if (isRelative && !isHttp && !around.url.startsWith('/'))
    throw refused(name, `has the relative address ${written}, which is not understood for ${around.url}`);
  const text = !isRelative
    ? written
    : isHttp
      ? new URL(written, `${around.url}/`).href
      : path.posix.resolve(around.url, written);
  const { url } = parseRemoteUrl(text, { allowLocal });
  refuseOwnFolder(url, own);
  const isSame = isHttp && /^https?:/.test(url) && new URL(url).origin === new URL(around.url).origin;
  return isSame && around.credential ? { url, credential: around.credential } : { url };
}

/** The folder of a submodule, which must lie in the tree: a link above it would lead out. */
async function folderIn(tree: string, at: string, name: string): Promise<string> {
  const root = await realpath(tree);
  const folder = path.join(root, at);
  const parent = await realpath(path.dirname(folder)).catch(() => undefined);
  const isInside = folder.startsWith(`${root}${path.sep}`) && parent === path.dirname(folder);
  if (!isInside || at.split('/').some((part) => part === '..' || part.toLowerCase() === '.git'))
    throw refused(name, 'does not lie in the tree');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return folder;
}

function refused(name: string, why: string): AppError {
  return new AppError('invalid', `The submodule ${name} ${why}.`, { name: 'git_submodule' });
}

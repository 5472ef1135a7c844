import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { localFailure } from '../mirrors/git-failure.ts';
import type { GitProcesses, ProcessResult } from '../mirrors/git-processes.ts';
import { remoteSection } from '../mirrors/mirror-folder.ts';
import type { Mirror } from '../mirrors/mirror-store.ts';
import { copyIndex } from './index-copy.ts';
import { scanIndex } from './index-scan.ts';
import { type CleanState, fileStamp, folderStamp, isUntouched, type SlotPaths } from './slot-files.ts';

/** `folderMode` is the mode that git gives to folders under our umask, like 0o755. */
export type TreeDeps = { processes: GitProcesses; env: Record<string, string>; timeoutMs: number; folderMode: number };

/** What a tree holds when it was last known to be exact, before a job got it. */
export type TreeFacts = Omit<CleanState, 'usedAt'>;

/** From which mirror a tree comes, and the address that its own `.git` names. */
export type Origin = Mirror & { url: string };

// What git never looks at, and so never removes or restores: any `.git`, pipes, sockets, devices, modes of folders and all
// bits of file modes but one. Further links to a file, too: it could be written through them later. `find` does not follow
// symbolic links. The untracked goes before the tracked is restored: a link that stands for a moved folder would make its
// files look unchanged.
const removeForeign = `find "$1" -name .git -prune -exec rm -rf {} + \\
  -o -type f ! -links 1 -exec rm -f {} + \\
  -o -type f ! -perm "$3" ! -perm "$2" -exec rm -f {} + \\
  -o ! -type f ! -type d ! -type l -exec rm -f {} + \\
  -o -type d ! -perm "$2" -exec chmod "0$2" {} \\; && exec git clean -ffdxq`;

// Restoring fails by itself when it cannot write a file. The second half prints whatever is there beside the tracked.
const restoreTracked = `git read-tree --reset -u "$1" && exec git ls-files --others --directory`;

/**
 * Makes a clean tree show a commit. Only files that differ are written, except where a `.gitattributes` changed: git would
 * leave files alone whose content is the same but whose line ends or encoding are not.
 */
export async function showCommit(
  deps: TreeDeps,
  slot: SlotPaths,
  origin: Origin,
  sha: string,
  before: TreeFacts | undefined,
): Promise<TreeFacts> {
  if (before?.sha === sha) return refreshRefs(slot, origin, before);
  await readTree(deps, slot, origin, sha);
  let facts = scanIndex(await readFile(slot.index));
  if (before !== undefined && before.attributes !== facts.attributes) {
    await rm(slot.index);
    await readTree(deps, slot, origin, sha);
    facts = scanIndex(await readFile(slot.index));
  }
  return { sha, ...facts, ...(await makeRepository(slot, origin, sha)) };
}

/**
 * Puts a tree back to exactly the commit in `facts`, whatever a job did to it. Throws when that cannot be shown to have
 * worked; the slot must then be thrown away. Extended attributes of folders are not looked at.
 */
export async function cleanTree(deps: TreeDeps, slot: SlotPaths, origin: Origin, facts: TreeFacts): Promise<TreeFacts> {
  // A tree swapped for a link would send every removal below to where it leads.
  if (!(await isUntouched(slot, facts))) throw new Error('the slot is not the one that was handed out');
  const modes = [deps.folderMode, deps.folderMode & 0o666].map((mode) => mode.toString(8).padStart(4, '0'));
  const removed = await script(deps, slot, origin, removeForeign, [slot.tree, ...modes]);
  if (removed.code !== 0) throw localFailure('cleaning', removed);
  await emptyGitlinks(slot.tree, facts.gitlinks);
  const restored = await script(deps, slot, origin, restoreTracked, [facts.sha]);
  if (restored.code !== 0) throw localFailure('restoring', restored);
  if (restored.stdout !== '') throw new Error(`left behind after cleaning: ${restored.stdout.slice(0, 200)}`);
  return { ...facts, ...(await makeRepository(slot, origin, facts.sha)) };
}

async function readTree(deps: TreeDeps, slot: SlotPaths, origin: Origin, sha: string): Promise<void> {
  const result = await git(deps, slot, origin, 'git', ['read-tree', '--reset', '-u', sha]);
  if (result.code !== 0) throw localFailure(`checking out ${sha}`, result);
}

function script(deps: TreeDeps, slot: SlotPaths, origin: Origin, text: string, args: string[]): Promise<ProcessResult> {
  return git(deps, slot, origin, 'sh', ['-c', text, 'sh', ...args]);
}

// The recipe's own .git is never asked: folder, tree and index are named.
function git(deps: TreeDeps, slot: SlotPaths, origin: Origin, command: string, args: string[]): Promise<ProcessResult> {
  const env = { ...deps.env, GIT_DIR: origin.dir, GIT_WORK_TREE: slot.tree, GIT_INDEX_FILE: slot.index };
  return deps.processes.run({ command, args, cwd: slot.tree, env, timeoutMs: deps.timeoutMs });
}

// Folders of submodules are left empty at checkout, and count as tracked: git looks no further.
async function emptyGitlinks(tree: string, gitlinks: readonly string[]): Promise<void> {
  const root = gitlinks.length === 0 ? tree : await realpath(tree);
  for (const gitlink of gitlinks) {
    const parent = path.dirname(path.join(root, gitlink));
    const actual = await realpath(parent).catch(() => undefined);
    if (actual === undefined) continue;
    if (actual !== parent) throw new Error('a folder above a submodule is a link');
    await rm(path.join(root, gitlink), { recursive: true, force: true });
  }
}

// A repository that is the recipe's own: it borrows the objects of the mirror and can write to none of it. One that is there
// is as fresh as the tree.
async function makeRepository(
  slot: SlotPaths,
  origin: Origin,
  sha: string,
): Promise<Pick<CleanState, 'treeStamp' | 'indexStamp' | 'refsStamp'>> {
  const own = path.join(slot.tree, '.git');
  await mkdir(path.join(own, 'objects', 'info'), { recursive: true });
  await mkdir(path.join(own, 'refs', 'heads'), { recursive: true });
  const core = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n';
  const [refsStamp] = await Promise.all([
    copyRefs(own, origin),
    writeFile(path.join(own, 'HEAD'), `${sha}\n`),
    writeFile(path.join(own, 'config'), core + remoteSection(origin.url)),
    writeFile(path.join(own, 'objects', 'info', 'alternates'), `${path.join(origin.dir, 'objects')}\n`),
    copyIndex(slot.index, path.join(own, 'index')),
  ]);
  return { refsStamp, treeStamp: await folderStamp(slot.tree), indexStamp: await fileStamp(slot.index) };
}

async function refreshRefs(slot: SlotPaths, origin: Origin, facts: TreeFacts): Promise<TreeFacts> {
  if ((await fileStamp(path.join(origin.dir, 'packed-refs'))) === facts.refsStamp) return facts;
  return { ...facts, refsStamp: await copyRefs(path.join(slot.tree, '.git'), origin) };
}

async function copyRefs(own: string, origin: Origin): Promise<string> {
  const refs = path.join(origin.dir, 'packed-refs');
  // Taken before the copy: a fetch in between shows as a difference next time.
  const stamp = await fileStamp(refs);
  if (stamp !== '') await copyFile(refs, path.join(own, 'packed-refs'), constants.COPYFILE_FICLONE);
  return stamp;
}

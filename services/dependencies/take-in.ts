import { createReadStream, lstatSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { cp, lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { redactorOf } from '../floor/text/redactor.ts';
import { removeTree } from '../io/files/remove-tree.ts';
import type { TreeAdditions } from '../io/git/trees/tree-additions.ts';
import { breakLinks, type Content, contentOf, walkEntry } from './entry-print.ts';
import type { Part } from './entry-store.ts';

/** What tools leave in a HOME that is nobody else's: credentials, configuration that may hold some, logs. */
const leftOut =
  /^(?:\.npmrc|\.netrc|\.git-credentials|\.gitconfig|\.pypirc|\.docker|\.ssh|\.aws|\.azure|\.gnupg|\.kube|\.config|\.yarnrc(?:\.yml)?|\.bunfig\.toml|\.bundle|\.composer|\.nuget|\.cargo\/credentials(?:\.toml)?|\.cargo\/config(?:\.toml)?|\.gradle\/(?:gradle\.properties|init\.d|daemon)|\.m2\/settings[^/]*|\.npm\/_logs|\.npm\/_update-notifier-last-checked|\.crafting-table-report)$/;
const mostParts = 4096;
const smallBytes = 65_536;

type Places = { readonly tree: string; readonly home: string };

/** What lies in a HOME beside the folders and links that every job gets: the topmost of it. */
export async function homeAdditions(home: string, usual: Readonly<Record<string, readonly string[]>>) {
  const made: string[] = [];
  for (const name of (await readdir(home)).sort()) {
    const known = usual[name];
    const isFolder = (await lstat(join(home, name))).isDirectory();
    if (known === undefined || !isFolder) made.push(name);
    else
      for (const inner of (await readdir(join(home, name))).sort())
        if (!known.includes(inner)) made.push(`${name}/${inner}`);
  }
  return { kept: made.filter((path) => !leftOut.test(path)), left: made.filter((path) => leftOut.test(path)) };
}

/** Moves what an install made into a stage, in the order of the parts. What may hold credentials is removed. */
export async function moveParts(
  { others }: Pick<TreeAdditions, 'others'>,
  ofHome: { kept: readonly string[]; left: readonly string[] },
  { tree, home, stage }: Places & { stage: string },
): Promise<Part[]> {
  const roots = { tree: realpathSync(tree), home: realpathSync(home) };
  const wanted = [
    ...others.map((path) => ({ root: 'tree' as const, path })),
    ...ofHome.kept.map((path) => ({ root: 'home' as const, path })),
  ];
  if (wanted.length > mostParts)
    throw new Error(`it made more than ${mostParts} files and folders apart from each other`);
  for (const path of ofHome.left) await removeTree(join(home, path));
  const parts: Part[] = [];
  for (const { root, path } of wanted) {
    const from = join(roots[root], path);
    // A folder of the commit that was replaced by a link would lead elsewhere.
    if (realpathSync(dirname(from)) !== dirname(from) || !from.startsWith(roots[root] + sep)) continue;
    const info = lstatSync(from);
    const kind = info.isDirectory() ? 'folder' : info.isFile() ? 'file' : info.isSymbolicLink() ? 'link' : null;
    if (kind === null) continue;
    await move(from, join(stage, 'parts', `${parts.length}`));
    parts.push({ root, path, kind });
  }
  return parts;
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    await removeTree(from);
  }
}

/**
 * Makes what lies in a stage fit to be kept: no file has another name elsewhere, none is a pipe or a device, and none holds a
 * secret of the job. Answers its content, and the files that were taken away for what they hold.
 */
export async function cleanStage(
  stage: string,
  secrets: readonly string[],
): Promise<{ content: Content; withSecrets: string[] }> {
  const parts = join(stage, 'parts');
  const known = maskable(secrets);
  const redactor = redactorOf(known);
  const withSecrets = known.length > 0 ? await removeNamed(parts, known) : [];
  const holds = (bytes: Buffer) =>
    known.some((secret) => bytes.includes(secret)) ||
    (bytes.length <= smallBytes && redactor.text(bytes.toString('utf8')) !== bytes.toString('utf8'));
  const content = await contentOf(parts, {
    onFile: async (path, bytes, info) => {
      const at = join(parts, path);
      const isTold = known.length > 0 && (bytes === null ? await streamHolds(at, known) : holds(bytes));
      if (isTold) {
        withSecrets.push(path);
        await rm(at);
        return false;
      }
      if (info.nlink > 1n) await breakLinks(at, info);
      return true;
    },
    onOther: (path) => rmSync(join(parts, path), { force: true }),
  });
  return { content, withSecrets };
}

const maskable = (secrets: readonly string[]) =>
  secrets.map((secret) => secret.trim()).filter((secret) => secret.length >= 6);

/** Says whether a name or the text of a link shows a secret. */
function namesSecret(secrets: readonly string[]): (name: string) => boolean {
  const known = maskable(secrets);
  const { text } = redactorOf(known);
  return (name) => known.some((secret) => name.includes(secret)) || text(name) !== name;
}

/** Never through a link, whose mode would be that of what it leads to. */
async function remove(at: string): Promise<void> {
  const isFolder = lstatSync(at, { throwIfNoEntry: false })?.isDirectory();
  await (isFolder ? removeTree(at) : rm(at, { force: true }));
}

/** Those of these paths whose names show no secret; the others are removed. */
export async function withoutNamed(root: string, paths: readonly string[], secrets: readonly string[]) {
  const shows = namesSecret(secrets);
  const real = realpathSync(root);
  for (const path of paths.filter(shows)) {
    const at = join(real, path);
    // A folder of the commit that was replaced by a link would lead elsewhere.
    if (realpathSync(dirname(at)) === dirname(at)) await remove(at);
  }
  return paths.filter((path) => !shows(path));
}

/** Takes away what shows a secret by its name or by where it leads, before anything below it is read. */
async function removeNamed(parts: string, secrets: readonly string[]): Promise<string[]> {
  const shows = namesSecret(secrets);
  const found: string[] = [];
  for await (const { path, kind } of walkEntry(parts))
    if (shows(path) || (kind === 'link' && shows(readlinkSync(join(parts, path))))) found.push(path);
  for (const path of found) await remove(join(parts, path));
  return found;
}

/** Reads a large file in pieces that overlap by the longest secret. */
async function streamHolds(path: string, secrets: readonly string[]): Promise<boolean> {
  const longest = Math.max(...secrets.map((secret) => Buffer.byteLength(secret)));
  let before = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const all = Buffer.concat([before, chunk as Buffer]);
    if (secrets.some((secret) => all.includes(secret))) return true;
    before = all.subarray(-longest);
  }
  return false;
}

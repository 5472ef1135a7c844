import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type InstallInputs, installInputs, isManifest } from './rules/install-inputs.ts';

/** Raised when what stands in an entry changes its meaning. */
const format = 1;
const mostBytes = 32 * 1024 * 1024;

export type KeyFacts = {
  readonly owner: string;
  readonly project: string;
  readonly subproject: string;
  readonly command: string;
  /** The job's tree, its files, and its commit. */
  readonly tree: string;
  readonly paths: readonly string[];
  readonly sha: string;
  /** Where the job sees its tree and its HOME: what is installed may name them. */
  readonly seen: readonly (string | null)[];
  /** Plain variables, and the names of secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly versions: readonly string[];
};

/** The name of what an install makes of these facts, and what it depends on. */
export async function installKey(facts: KeyFacts): Promise<{ key: string; inputs: InstallInputs }> {
  const { subproject, command, tree, paths, sha } = facts;
  const texts = new Map<string, string>();
  for (const path of paths) if (isManifest(path)) texts.set(path, (await bytesOf(join(tree, path))).toString('utf8'));
  const inputs = installInputs({ command, subproject, paths, text: (path) => texts.get(path) ?? '' });
  const read = inputs.kind === 'commit' ? [sha] : await Promise.all(inputs.paths.map((path) => digest(tree, path)));
  return { key: entryKey(facts, read), inputs };
}

/** The name of what a command makes of what it read. */
export function entryKey(facts: Omit<KeyFacts, 'paths'>, read: readonly string[]): string {
  const { owner, project, subproject, command, seen, env, secrets, versions } = facts;
  const all = {
    ...{ format, owner, command, subproject, seen, versions, read },
    platform: [process.platform, process.arch, system()],
    env: Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)),
    // What a secret opened is for the project that has it.
    ...(secrets.length > 0 ? { project, secrets: secrets.toSorted() } : {}),
  };
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function digest(tree: string, path: string): Promise<string> {
  return `${path} ${createHash('sha256')
    .update(await bytesOf(join(tree, path)))
    .digest('hex')}`;
}

/** Never through a link: what a link leads to is named by where it leads. */
async function bytesOf(path: string): Promise<Buffer> {
  const info = await lstat(path).catch(() => null);
  if (info?.isSymbolicLink()) return Buffer.from(await readlink(path));
  return info?.isFile() && info.size <= mostBytes ? readFile(path) : Buffer.from(`${info?.size ?? 'none'}`);
}

function system(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
      .split('\n')
      .filter((line) => /^(?:ID|VERSION_ID)=/.test(line))
      .join(' ');
  } catch {
    return '';
  }
}

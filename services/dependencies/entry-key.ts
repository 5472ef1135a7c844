import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type InstallInputs, installInputs } from './rules/install-inputs.ts';
import { treeReader } from './tree-reader.ts';

/** Raised when what stands in an entry changes its meaning. */
const format = 2;

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
  const { subproject, command, tree, paths, sha, project, seen } = facts;
  const own = seen[0] ?? tree;
  // What lies elsewhere on the machine is no part of the tree.
  const env = Object.entries(facts.env).filter(([, value]) => !value.startsWith('/') || value.includes(own));
  const files = treeReader(tree);
  let inputs = installInputs({ command, subproject, paths, text: files.text, env: Object.fromEntries(env) });
  const read: string[] = inputs.kind === 'files' ? inputs.paths.map(files.digest) : [];
  const [lost] = files.isPlainFolder(subproject) ? files.lost : [subproject];
  if (lost !== undefined && inputs.kind === 'files') {
    const why = `"${lost.slice(0, 60)}" is too large, no file, or leads out of the commit`;
    inputs = { kind: 'commit', why, floating: inputs.floating, isLocal: true };
  }
  const local = inputs.isLocal ? [`project ${project}`, ...packagesOf(paths)] : [];
  return { key: entryKey(facts, [...local, ...(inputs.kind === 'commit' ? [sha] : read)]), inputs };
}

/** Where packages may be found that lead into the sources: an editable install lists them. */
function packagesOf(paths: readonly string[]): string[] {
  const modules = paths.filter((path) => path.endsWith('.py'));
  return [...new Set(modules.map((path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : path)))].sort();
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

import { existsSync, lstatSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../io/files/remove-tree.ts';
import type { DependencyDeps } from './dependency-deps.ts';
import { entryKey, type KeyFacts } from './entry-key.ts';
import type { EntryFacts } from './entry-store.ts';
import { type LaidOut, type LayPlace, layOut } from './lay-out.ts';
import { pruneTarget } from './prune-target.ts';
import { cargoPackages, foreignPackages } from './rules/cargo-target.ts';
import { cleanStage } from './take-in.ts';
import { treeReader } from './tree-reader.ts';

const dayMs = 86_400_000;

export type CompiledOrder = {
  readonly facts: Omit<KeyFacts, 'versions' | 'paths'>;
  readonly place: LayPlace;
  readonly isTrusted: boolean;
  readonly secrets: readonly string[];
  /** The files of the commit. */
  readonly files: () => Promise<readonly string[]>;
  readonly say: (text: string) => void | Promise<void>;
};

/** What a job finds compiled already. `keep` is to be called when it has ended by itself. */
export type Compiled = {
  readonly source: 'cache' | 'none';
  readonly reason: string | null;
  readonly key: string | null;
  readonly laid: LaidOut | null;
  keep(): Promise<void>;
  release(): void;
};

const nothing = { laid: null, keep: async () => {}, release: () => {} };

/** Whether a command compiles by a tool whose outputs are safe to be used again. */
function compilesByCargo(command: string): boolean {
  return /(?:^|[\s;&|(])cargo\s+(?:\+\S+\s+)?(?:build|test|clippy|check|nextest|bench|run|doc)\b/.test(command);
}

/**
 * Brings what other jobs compiled of the packages that do not stand in the tree. Null where nothing is known to be safe: of
 * the tools that keep what they compiled in the tree, only Cargo knows packages of registries by checksums. Without a
 * Cargo.lock the manifests stand for it, for a day: Cargo resolves anew and compiles what came out since (Cargo book, build cache).
 */
export async function bringCompiled(order: CompiledOrder, deps: DependencyDeps): Promise<Compiled | null> {
  const { facts, place, say } = order;
  const { command, subproject, owner, tree } = facts;
  const folder = subproject === '.' ? 'target' : `${subproject}/target`;
  const lock = join(tree, subproject, 'Cargo.lock');
  if (!compilesByCargo(command) || /target-dir|CARGO_TARGET_DIR/.test(command + Object.keys(facts.env).join()))
    return null;
  if (existsSync(join(tree, folder))) return null;
  const isLocked = isFile(lock);
  const versions = await deps.versions(command);
  // The packages from elsewhere say what is compiled; by which manifest they are asked for, Cargo looks at itself.
  const read = isLocked
    ? ['compiled', foreignPackages(await readFile(lock, 'utf8'))]
    : ['compiled without a lock', ...manifestsOf(await order.files(), subproject).map(treeReader(tree).digest)];
  const key = entryKey({ ...facts, versions }, read);
  const found = await deps.store.find(owner, key);
  const isStale = found !== null && found !== 'damaged' && found.until !== null && deps.now() >= found.until;
  if (isStale) found.release();
  else if (found !== null && found !== 'damaged') {
    const of = isLocked ? 'the packages of Cargo.lock' : 'the packages that the same manifests asked for';
    await say(`compiled: ${of} are taken from what was kept (${key.slice(0, 12)})`);
    const laid = await layOut(found, place);
    return { ...nothing, source: 'cache', reason: null, key, laid, release: found.release };
  }
  const keep = async () => {
    const until = isLocked ? null : deps.now() + dayMs;
    if (order.isTrusted) await keepTarget(order, deps, { key, folder, lock, until });
  };
  return {
    ...nothing,
    source: 'none',
    reason: whyNot({ isDamaged: found === 'damaged', isStale, isLocked }),
    key,
    keep,
  };
}

function whyNot({ isDamaged, isStale, isLocked }: { isDamaged: boolean; isStale: boolean; isLocked: boolean }): string {
  if (isDamaged) return 'what was kept is damaged and moved aside';
  if (isStale) return 'there is no Cargo.lock, and what was kept is older than a day';
  return isLocked
    ? 'nothing of the same packages in Cargo.lock, tools and command is kept'
    : 'there is no Cargo.lock, and nothing of the same manifests, tools and command is kept';
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The manifests of a workspace, and what chooses its toolchain and flags. */
function manifestsOf(paths: readonly string[], subproject: string): string[] {
  const below = subproject === '.' ? '' : `${subproject}/`;
  return paths
    .filter((path) => path.startsWith(below) && /(^|\/)(Cargo\.toml|\.cargo\/config(\.toml)?)$/.test(path))
    .sort();
}

type Target = { readonly key: string; readonly folder: string; readonly lock: string; readonly until: number | null };

async function keepTarget(
  { facts, secrets }: CompiledOrder,
  deps: DependencyDeps,
  { key, folder, lock, until }: Target,
) {
  const { store, now, onTrouble } = deps;
  const target = join(facts.tree, folder);
  // What Cargo resolved stands beside it: without that nobody knows which packages are the tree's own.
  if (!lstatSync(target, { throwIfNoEntry: false })?.isDirectory() || !isFile(lock)) return;
  const held = store.lock(facts.owner, key);
  if (held === null) return;
  const stage = await store.stage(facts.owner);
  try {
    const packages = cargoPackages(await readFile(lock, 'utf8'));
    await rename(target, join(stage, 'parts', '0'));
    if (!(await pruneTarget(join(stage, 'parts', '0'), packages))) return await removeTree(stage);
    const { content } = await cleanStage(stage, secrets);
    const { owner, project, subproject, command } = facts;
    const entry: EntryFacts = {
      ...{
        owner,
        project,
        subproject,
        command,
        kind: 'compiled',
        parts: [{ root: 'tree', path: folder, kind: 'folder' }],
      },
      ...{ modes: [], sha: null, until, bytes: content.bytes, files: content.files, madeAt: now() },
    };
    (await store.keep(stage, key, entry, content.digest)).release();
  } catch (error) {
    onTrouble('what a job compiled', error);
    await removeTree(stage).catch(() => {});
  } finally {
    held.release();
  }
}

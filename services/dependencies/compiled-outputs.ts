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

export type CompiledOrder = {
  readonly facts: Omit<KeyFacts, 'versions' | 'paths'>;
  readonly place: LayPlace;
  readonly isTrusted: boolean;
  readonly secrets: readonly string[];
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
 * the tools that keep what they compiled in the tree, only Cargo knows packages of registries by checksums.
 */
export async function bringCompiled(order: CompiledOrder, deps: DependencyDeps): Promise<Compiled | null> {
  const { facts, place, say } = order;
  const { command, subproject, owner, tree } = facts;
  const folder = subproject === '.' ? 'target' : `${subproject}/target`;
  const lock = join(tree, subproject, 'Cargo.lock');
  if (!compilesByCargo(command) || /target-dir|CARGO_TARGET_DIR/.test(command + Object.keys(facts.env).join()))
    return null;
  if (!lstatSync(lock, { throwIfNoEntry: false })?.isFile())
    return { ...nothing, source: 'none', reason: 'there is no Cargo.lock', key: null };
  if (existsSync(join(tree, folder))) return null;
  const versions = await deps.versions(command);
  // The packages from elsewhere say what is compiled; by which manifest they are asked for, Cargo looks at itself.
  const packages = foreignPackages(await readFile(lock, 'utf8'));
  const key = entryKey({ ...facts, versions }, ['compiled', packages]);
  const found = await deps.store.find(owner, key);
  if (found !== null && found !== 'damaged') {
    await say(`compiled: the packages of Cargo.lock are taken from what was kept (${key.slice(0, 12)})`);
    const laid = await layOut(found, place);
    return { ...nothing, source: 'cache', reason: null, key, laid, release: found.release };
  }
  const reason =
    found === 'damaged'
      ? 'what was kept is damaged and moved aside'
      : 'nothing of the same packages in Cargo.lock, tools and command is kept';
  const keep = async () => {
    if (order.isTrusted) await keepTarget(order, deps, { key, folder, lock });
  };
  return { ...nothing, source: 'none', reason, key, keep };
}

type Target = { readonly key: string; readonly folder: string; readonly lock: string };

async function keepTarget({ facts, secrets }: CompiledOrder, deps: DependencyDeps, { key, folder, lock }: Target) {
  const { store, now, onTrouble } = deps;
  const target = join(facts.tree, folder);
  if (!lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) return;
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
      ...{ modes: [], sha: null, until: null, bytes: content.bytes, files: content.files, madeAt: now() },
    };
    (await store.keep(stage, key, entry, content.digest)).release();
  } catch (error) {
    onTrouble('what a job compiled', error);
    await removeTree(stage).catch(() => {});
  } finally {
    held.release();
  }
}

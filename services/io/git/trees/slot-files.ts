import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ownerLives, ownerTag } from './process-owner.ts';

/** The places of one slot. `tree` is the recipe's; `index`, `state` and `claim` are ours. */
export type SlotPaths = { dir: string; tree: string; index: string; state: string; claim: string };

/**
 * What is known of a clean slot, kept beside it on disk. The stamps say which folder and which index were left behind, so
 * that one put in their place is noticed; `usedAt` is in milliseconds since 1970.
 */
export type CleanState = {
  sha: string;
  treeStamp: string;
  indexStamp: string;
  refsStamp: string;
  gitlinks: string[];
  attributes: string;
  usedAt: number;
};

const unfinished = 'new-';

export function slotPaths(dir: string): SlotPaths {
  const at = (name: string): string => path.join(dir, name);
  return { dir, tree: at('tree'), index: at('index'), state: at('state.json'), claim: at('claim') };
}

/**
 * Makes an empty slot that is claimed from the start, under the first free number. It is made under another name, so that
 * nobody meets it without its claim.
 */
export async function makeSlot(parent: string): Promise<SlotPaths> {
  const fresh = slotPaths(path.join(parent, `${unfinished}${ownerTag()}-${randomBytes(4).toString('hex')}`));
  await mkdir(fresh.tree, { recursive: true });
  await claim(fresh);
  for (let number = 1; ; number += 1) {
    const slot = slotPaths(path.join(parent, String(number)));
    try {
      await rename(fresh.dir, slot.dir);
      return slot;
    } catch (error) {
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Takes a slot for this process, or answers false when another has it or it is gone. */
export async function claim(slot: SlotPaths): Promise<boolean> {
  try {
    const file = await open(slot.claim, 'wx');
    await file.writeFile(ownerTag()).finally(() => file.close());
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Who holds a slot: nobody, a living process, or one that died and left the slot as it was. */
export async function claimOf(slot: SlotPaths): Promise<'none' | 'living' | 'dead'> {
  const name = path.basename(slot.dir);
  const maker = name.startsWith(unfinished) ? name.slice(unfinished.length).split('-')[0] : undefined;
  const owner = maker ?? (await readFile(slot.claim, 'utf8').catch(() => undefined));
  if (owner === undefined) return 'none';
  return ownerLives(owner) ? 'living' : 'dead';
}

/** Writes down that a slot is clean, and only then lets it go. */
export async function unclaim(slot: SlotPaths, state: CleanState): Promise<void> {
  await writeFile(`${slot.state}.new`, JSON.stringify(state));
  await rename(`${slot.state}.new`, slot.state);
  await unlink(slot.claim);
}

/** What is known of a slot, if it is still the folder and the index that were left behind. */
export async function readState(slot: SlotPaths): Promise<CleanState | undefined> {
  try {
    const state: CleanState = JSON.parse(await readFile(slot.state, 'utf8'));
    return (await isUntouched(slot, state)) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Whether folder and index of a slot are those that were stamped: no link, no other folder in their place. */
export async function isUntouched(
  slot: SlotPaths,
  stamps: Pick<CleanState, 'treeStamp' | 'indexStamp'>,
): Promise<boolean> {
  return (await folderStamp(slot.tree)) === stamps.treeStamp && (await fileStamp(slot.index)) === stamps.indexStamp;
}

/** Names a real folder by what stays when things in it change; `''` for anything else, a symbolic link included. */
export async function folderStamp(dir: string): Promise<string> {
  const found = await lstat(dir, { bigint: true }).catch(() => undefined);
  return found?.isDirectory() ? `${found.dev}:${found.ino}` : '';
}

/** Names one state of a file; `''` when there is none. */
export async function fileStamp(file: string): Promise<string> {
  const found = await lstat(file, { bigint: true }).catch(() => undefined);
  return found?.isFile() ? `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}` : '';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

import { AppError, isAppError } from '../../../floor/app-error.ts';
import type { Change, Patch } from '../../../floor/changed-file.ts';
import { writeEntries } from './apply/index-entries.ts';
import { applyExactly, applyTolerantly } from './apply/tolerant-apply.ts';
import { largestDiff, readPatch } from './patch-reader.ts';
import type { Quarantine } from './quarantine.ts';

/** What came of a change: a patch, or why it does not fit the tree, mostly in git's own words. */
export type ChangeResult = { ok: true; patch: Patch } | { ok: false; reason: string };

/** Makes a change to the tree of a commit, in a quarantine. */
export async function changeCommitTree(quarantine: Quarantine, base: string, change: Change): Promise<ChangeResult> {
  if (sizeOf(change) > largestDiff) return { ok: false, reason: 'the change is larger than 4 MiB' };
  await quarantine.git('reading a commit', ['read-tree', base]);
  const problem =
    change.form === 'diff'
      ? await applyTolerantly(quarantine, change.diff)
      : await writeEntries(
          quarantine,
          [...change.files].map(([path, text]) => ({ path, text })),
        );
  if (problem !== undefined) return { ok: false, reason: problem };
  const tree = (await quarantine.git('writing a tree', ['write-tree'])).trim();
  try {
    const patch = await readPatch(quarantine, base, tree);
    return patch.files.length === 0
      ? { ok: false, reason: 'the change leaves the tree as it is' }
      : { ok: true, patch };
  } catch (error) {
    if (isAppError(error, 'too_large') || isAppError(error, 'invalid')) return { ok: false, reason: error.message };
    throw error;
  }
}

/** The id of a commit's tree after a diff, which must fit exactly: AppError('invalid', named patch_apply) otherwise. */
export async function patchedTree(quarantine: Quarantine, base: string, diff: string): Promise<string> {
  if (Buffer.byteLength(diff) > largestDiff) {
    throw new AppError('too_large', 'The diff is larger than 4 MiB.', { name: 'patch_too_large' });
  }
  await quarantine.git('reading a commit', ['read-tree', base]);
  const problem = await applyExactly(quarantine, diff);
  if (problem !== undefined) {
    throw new AppError('invalid', `The diff does not apply to ${base}: ${problem}`, { name: 'patch_apply' });
  }
  return (await quarantine.git('writing a tree', ['write-tree'])).trim();
}

function sizeOf(change: Change): number {
  if (change.form === 'diff') return Buffer.byteLength(change.diff);
  let size = 0;
  for (const [path, text] of change.files) size += path.length + Buffer.byteLength(text ?? '');
  return size;
}

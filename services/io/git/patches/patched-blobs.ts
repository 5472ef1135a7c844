import { readCommitBlobs } from './blob-reader.ts';
import { inQuarantine, type QuarantineDeps } from './quarantine.ts';
import { patchedTree } from './tree-change.ts';

/** Files of a commit as they are after a diff, if there is one. Throws as `patchedTree`; otherwise as `readCommitBlobs`. */
export async function readPatchedBlobs(
  deps: QuarantineDeps,
  mirror: string,
  sha: string,
  paths: readonly string[],
  diff: string | undefined,
): Promise<Map<string, Buffer>> {
  if (diff === undefined) return readCommitBlobs(deps, mirror, sha, paths);
  return inQuarantine(deps, mirror, async (quarantine) => {
    const tree = await patchedTree(quarantine, sha, diff);
    return readCommitBlobs({ ...deps, env: quarantine.env }, mirror, tree, paths);
  });
}

import type { Occurrence } from '../../../../events/finding.ts';
import type { PatchedRun } from './compare-patched.ts';

/** What a draft brought along in its own files that its tool mends by an edit which it calls safe. */
export function broughtAlong(before: PatchedRun, after: PatchedRun, files: readonly string[]): Occurrence[] {
  const known = new Set(before.occurrences.map(({ identity }) => identity));
  return after.occurrences.filter(
    ({ identity, file, edits }) =>
      !known.has(identity) && file !== null && files.includes(file) && edits.some(({ safe }) => safe),
  );
}

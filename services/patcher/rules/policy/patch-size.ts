import type { Objection, Rule } from './define.ts';

/** A patch is small enough for a person to read. */
export const patchSize: Rule = {
  name: 'patch_size',
  judge({ judged, limits, owned }) {
    const found: Objection[] = [];
    const object = (path: string, why: string) => found.push({ rule: 'size_over_limit', path, line: null, why });
    const first = judged.files[0]?.path ?? '';
    if (judged.files.length > limits.files)
      object(first, `${judged.files.length} files are changed, and ${limits.files} may be`);
    const lines = judged.files.reduce(
      (sum, { path, added, removed }) => sum + (owned.has(path) ? 0 : added + removed),
      0,
    );
    if (lines > limits.lines) object(first, `${lines} lines are added or removed, and ${limits.lines} may be`);
    for (const { path, before, after } of judged.files.slice(0, limits.files)) {
      const limit = owned.has(path) ? limits.ownedBytes : limits.bytes;
      const size = Math.max(before?.length ?? 0, after?.length ?? 0);
      if (size > limit) object(path, `the file has ${size} characters, and ${limit} may be read`);
    }
    return found;
  },
};

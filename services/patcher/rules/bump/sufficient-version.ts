import type { VersionOrder } from './define.ts';

/**
 * The versions that one `fixed_version` names: `2.31.0`, `>=2.31.0`, `^1.2.3`, `1.2.3, 2.0.1` or `>=1.2.3 || >=2.0.1`.
 * Several are the fixes of several release lines. What is no version is left out, as are upper bounds.
 */
export function namedVersions(text: string, order: VersionOrder): string[] {
  const words = text
    .slice(0, 256)
    .replace(/([<>=~^!])\s+(?=[\dv])/g, '$1')
    .split(/[\s,|]+/);
  const lower = words.filter((word) => !/^(?:[<!]|>(?!=))/.test(word));
  // `~> 5.2.4, >= 5.2.4.3` is one requirement, whose second half is the fix.
  const plain = lower.filter((word) => !word.startsWith('~>'));
  const versions = (plain.some((word) => /\d/.test(word)) ? plain : lower).map((word) =>
    order.read(word.replace(/^(?:>=|~>|={1,3}|[\^~])/, '')),
  );
  return [...new Set(versions.filter((version) => version !== null))].sort(order.compare);
}

/** Whether a version is not older than the fix of its own release line. `fixes` are in order. */
export function isFixedBy(version: string, fixes: readonly string[], order: VersionOrder): boolean {
  const at = fixes.findLastIndex((fix) => order.compare(fix, version) <= 0);
  const [fix, next] = [fixes[at], fixes[at + 1]];
  if (fix === undefined) return false;
  if (next === undefined || order.compare(fix, version) === 0) return true;
  // As far as the two fixes differ, numbers name the line; behind it another line begins, whose fix is not known.
  const [own, after, asked] = [fix, next, version].map(order.numbers);
  const differs = own?.findIndex((number, place) => number !== after?.[place]) ?? -1;
  return differs !== -1 && (own ?? []).slice(0, differs + 1).every((number, place) => number === asked?.[place]);
}

type Sufficient = {
  readonly to: string;
  /** How many of the others it mends, out of those that have a fix at all. */
  readonly others: { readonly mended: number; readonly of: number };
};

/**
 * The smallest version above the installed one in which the target is fixed. If that takes no other major line, the others
 * of its package are fixed in it, too. `target` and each of `others` are the fixes of one advisory, in order.
 */
export function sufficientVersion(
  target: readonly string[],
  others: readonly (readonly string[])[],
  installed: string | null,
  order: VersionOrder,
): Sufficient | null {
  const open = others.filter(
    (fixes) => fixes.length > 0 && !(installed !== null && isFixedBy(installed, fixes, order)),
  );
  const candidates = [...new Set([...target, ...open.flat()])]
    .filter((version) => installed === null || order.compare(version, installed) > 0)
    .filter((version) => isFixedBy(version, target, order))
    .sort(order.compare);
  const stable = candidates.filter((version) => !order.isPrerelease(version));
  const usable = stable.length > 0 ? stable : candidates;
  const line = lineOf(installed ?? usable[0] ?? '', order);
  const near = usable.filter((version) => lineOf(version, order) === line);
  const preferred = near.length > 0 ? near : usable;
  const mended = (version: string) => open.filter((fixes) => isFixedBy(version, fixes, order)).length;
  const most = Math.max(...preferred.map(mended));
  const to = preferred.find((version) => mended(version) === most);
  return to === undefined ? null : { to, others: { mended: mended(to), of: open.length } };
}

/** What a caret holds fast: the first number, and the next one where that is 0. */
function lineOf(version: string, order: VersionOrder): string {
  const [major = 0, minor = 0] = version === '' ? [] : order.numbers(version);
  return major === 0 ? `0.${minor}` : `${major}`;
}

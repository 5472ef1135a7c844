/**
 * The version to go to, out of the requirements that an advisory lists as fixed (`>=0.2.23`, `^0.1.4`, `1.2.3`): the
 * lowest one above what is installed, else the highest. Null when none names a version.
 */
export function fixedVersion(requirements: readonly string[], installed: string | null): string | null {
  const versions = requirements
    .map((requirement) => /^[\s>=^~v]*(\d[\w.+-]{0,100})/.exec(requirement)?.[1] ?? null)
    .filter((version) => version !== null)
    .sort(compare);
  if (installed === null) return versions[0] ?? null;
  return versions.find((version) => compare(version, installed) > 0) ?? versions.at(-1) ?? null;
}

/** By the numbers in them, which is what separates release lines; not the full order of any ecosystem. */
function compare(a: string, b: string): number {
  const left = numbers(a);
  const right = numbers(b);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return version
    .split(/[^\d]+/)
    .filter((part) => part !== '')
    .map(Number);
}

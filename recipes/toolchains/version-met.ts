/** The first version number in a text, such as `3.11.7` in `Python 3.11.7`; null when there is none. */
export function versionIn(text: string): string | null {
  return /\d+(?:\.\d+)*/.exec(text)?.[0] ?? null;
}

/** Negative, zero or positive, as the first version is before, equal to or after the second. What is not said is 0. */
export function compareVersions(a: string, b: string): number {
  const [own, other] = [a, b].map((version) => version.split('.').map(Number));
  for (let place = 0; place < Math.max(own?.length ?? 0, other?.length ?? 0); place += 1) {
    const difference = (own?.[place] ?? 0) - (other?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a version begins with all parts of another: 3.11.7 with 3.11. */
export function startsWithVersion(version: string, start: string): boolean {
  return `${version}.`.startsWith(`${start}.`);
}

/**
 * Whether a version meets a specifier of PEP 440 such as `>=3.10,<4,!=3.11.*`; null for one that is not understood.
 * Source: https://packaging.python.org/en/latest/specifications/version-specifiers/
 */
export function meetsSpecifier(version: string, specifier: string): boolean | null {
  let met = true;
  for (const clause of specifier.split(',').map((one) => one.trim())) {
    if (clause === '') continue;
    const [, operator = '', wanted = '', star] = /^(~=|==|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?$/.exec(clause) ?? [];
    if (operator === '') return null;
    met &&= meetsClause(version, operator, wanted, star !== undefined);
  }
  return met;
}

function meetsClause(version: string, operator: string, wanted: string, isPrefix: boolean): boolean {
  const order = compareVersions(version, wanted);
  switch (operator) {
    case '==':
      return isPrefix ? startsWithVersion(version, wanted) : order === 0;
    case '!=':
      return isPrefix ? !startsWithVersion(version, wanted) : order !== 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    default:
      // `~= 3.10.2` is `>= 3.10.2, == 3.10.*`.
      return order >= 0 && startsWithVersion(version, wanted.replace(/\.\d+$/, ''));
  }
}

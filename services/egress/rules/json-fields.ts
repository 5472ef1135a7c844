/** What a provider or an agent sent as JSON: every field may be missing or of another kind. */
export type Fields = { readonly [name: string]: unknown };

/** The fields of an object; none for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A number of tokens; null for what is none. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 1e12 ? value : null;
}

/** Why a field of a request cannot be a count of `least` or more, as a sentence; null where it is one or is not there. */
export function countProblem(body: Fields, names: readonly string[], least: number, most = 1e12): string | null {
  const wrong = names.find((name) => {
    const value = body[name] ?? null;
    const count = countOf(value);
    return value !== null && (count === null || count < least || count > most);
  });
  return wrong === undefined ? null : `${wrong}: a whole number of ${least} to ${most} was expected.`;
}

/** Whether all that is told of tokens, at any depth, are counts. */
export function hasCounts(usage: Fields, depth = 0): boolean {
  return Object.entries(usage).every(([name, value]) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return depth > 4 || hasCounts(value as Fields, depth + 1);
    return !/(tokens|TokenCount)$/.test(name) || value === null || countOf(value) !== null;
  });
}

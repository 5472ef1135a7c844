type Marks = { readonly marks: ReadonlyMap<number, string> };

/**
 * Whether a pull request may have changed between two lists of what changed last. One that neither names has not, unless the
 * later list holds nothing but changes: then more of them may lie beyond its end.
 */
export function changedOf(number: number, before: Marks, now: Marks & { readonly more: boolean }): boolean {
  const mark = now.marks.get(number);
  if (mark !== undefined) return mark !== before.marks.get(number);
  return now.more && [...now.marks].every(([one, its]) => before.marks.get(one) !== its);
}

/** The same names, beginning after the one at which the last round ended, so that each gets its turn. */
export function roundFrom(names: readonly string[], last: string | null): string[] {
  const at = last === null ? 0 : names.findIndex((name) => name > last);
  return at <= 0 ? [...names] : [...names.slice(at), ...names.slice(0, at)];
}

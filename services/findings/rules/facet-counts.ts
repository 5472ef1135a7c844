import { type GroupDimension, groupDimensions } from '../../../projections/findings/finding-groups.ts';
import type { Counted } from '../../../projections/findings/finding-search.ts';

export const facetNames = [...groupDimensions.map((one) => (one === 'is_new' ? 'new' : one)), 'rule'] as const;
export type FacetName = Exclude<GroupDimension, 'is_new'> | 'new' | 'rule';
export type FacetCount = { value: string | number | null; count: number };

/** What a facet counts by. */
const dimensionOf = (name: FacetName): GroupDimension | 'code' =>
  name === 'new' ? 'is_new' : name === 'rule' ? 'code' : name;

type Row = Counted & { code: string | null };
type Wanted = {
  readonly of: { readonly [D in GroupDimension]?: readonly (string | number | null)[] };
  readonly rules: readonly string[] | undefined;
};

/**
 * Counts rows by each facet. Each facet is counted as if nothing were asked of itself, so that it shows what else could be
 * chosen; the total holds what fits everything. Most first, then by value.
 */
export function facetsOf(
  rows: readonly Row[],
  { of, rules }: Wanted,
  { names, most }: { names: readonly FacetName[]; most: number },
): { total: number; facets: Record<string, FacetCount[]> } {
  const tests: [GroupDimension | 'code', ReadonlySet<unknown>][] = Object.entries(of).map(([dimension, values]) => [
    dimension as GroupDimension,
    new Set(values),
  ]);
  if (rules) tests.push(['code', new Set(rules)]);
  const counts = new Map(names.map((name) => [dimensionOf(name), new Map<string | number | null, number>()]));
  let total = 0;
  for (const row of rows) {
    const missed = tests.filter(([dimension, values]) => !values.has(row[dimension]));
    const [only] = missed;
    if (missed.length > 1) continue;
    if (!only) total += row.n;
    for (const [dimension, byValue] of counts)
      if (!only || only[0] === dimension) {
        const value = row[dimension];
        byValue.set(value, (byValue.get(value) ?? 0) + row.n);
      }
  }
  const facets = names.map((name) => {
    const byValue = [...(counts.get(dimensionOf(name)) ?? [])].map(([value, count]) => ({ value, count }));
    byValue.sort((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1));
    return [name, byValue.slice(0, most)] as const;
  });
  return { total, facets: Object.fromEntries(facets) };
}

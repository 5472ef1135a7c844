import { type GroupDimension, groupDimensions } from '../../../projections/findings/finding-groups.ts';
import type { CountedByRule } from '../../../projections/findings/finding-search.ts';

export const facetNames = [...groupDimensions.map((one) => (one === 'is_new' ? 'new' : one)), 'rule'] as const;
export type FacetName = Exclude<GroupDimension, 'is_new'> | 'new' | 'rule';
type FacetCount = { value: string | number | null; count: number };

type Wanted = {
  readonly of: { readonly [D in GroupDimension]?: readonly (string | number | null)[] };
  readonly rules: readonly string[] | undefined;
  readonly names: readonly FacetName[];
  /** Values of a facet that are told. */
  readonly most: number;
};

/**
 * Counts groups by each facet. Each facet is counted as if nothing were asked of itself, so that it shows what else could be
 * chosen; the total holds what fits everything. Most first, then by value.
 */
export function facetsOf(
  groups: readonly CountedByRule[],
  { of, rules, names, most }: Wanted,
): { total: number; facets: Record<string, FacetCount[]> } {
  const tests = Object.entries(of).map(
    ([dimension, values]) => [dimension as GroupDimension, new Set(values)] as const,
  );
  const dimensions = names.flatMap((name) => (name === 'rule' ? [] : name === 'new' ? ('is_new' as const) : name));
  const counts = new Map(dimensions.map((one) => [one, new Map<string | number | null, number>()]));
  const byRule = new Map<string | number | null, number>();
  const add = (to: typeof byRule, value: string | number | null, n: number) => to.set(value, (to.get(value) ?? 0) + n);
  const isAsked = rules === undefined ? () => true : (value: string | null) => value !== null && rules.includes(value);
  let total = 0;
  for (const { group, codes } of groups) {
    const [missed, ...more] = tests.flatMap(([dimension, values]) => (values.has(group[dimension]) ? [] : dimension));
    if (more.length > 0) continue;
    let n = 0;
    for (const code of codes) {
      if (missed === undefined) add(byRule, code.value, code.n);
      if (isAsked(code.value)) n += code.n;
    }
    if (n === 0) continue;
    if (missed === undefined) total += n;
    for (const [dimension, byValue] of counts)
      if (missed === undefined || missed === dimension) add(byValue, group[dimension], n);
  }
  const facets = names.map((name) => {
    const byValue = name === 'rule' ? byRule : counts.get(name === 'new' ? 'is_new' : name);
    const sorted = [...(byValue ?? [])].map(([value, count]) => ({ value, count }));
    sorted.sort((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1));
    return [name, sorted.slice(0, most)] as const;
  });
  return { total, facets: Object.fromEntries(facets) };
}

import { Type } from '@sinclair/typebox';
import { oneOf } from '../../../events/fields.ts';
import { type FindingSearch, type FindingSort, findingSorts } from '../../../projections/findings/finding-search.ts';
import { type FacetName, facetNames, facetsOf } from '../../findings/rules/facet-counts.ts';
import { wordList } from '../../floor/text/schema-words.ts';
import { cursorAt, placeIn } from '../answers/cursor.ts';
import type { View } from '../answers/ready-answer.ts';

/** Values of a facet that are told; a search for text narrows the rest. */
const mostValues = 100;

export const listOptions = {
  sort: Type.Optional(oneOf(findingSorts)),
  facets: Type.Optional(wordList(facetNames, 'counts by these, each as if it were not filtered by itself')),
};

export const Facets = Type.Record(
  Type.String(),
  Type.Array(
    Type.Object({
      value: Type.Union([Type.String(), Type.Integer(), Type.Null()]),
      count: Type.Integer(),
    }),
  ),
);

/** A page of a search as JSON, with counts where facets are asked for. */
export function foundPage(
  search: FindingSearch,
  view: View,
  { sort = 'newest', facets, limit, cursor }: { sort?: string; facets?: string; limit: number; cursor?: string },
): string {
  const { findingSearch } = view.models.query();
  const found = findingSearch.page(search, {
    sort: sort as FindingSort,
    after: placeIn(cursor),
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const next = last === undefined ? null : cursorAt(last);
  const counted = facets === undefined ? '' : `,${countsOf(search, facets.split(',') as FacetName[], view)}`;
  const docs = page.map(({ doc }) => doc).join(',');
  return `{"ok":true,"findings":[${docs}],"next_cursor":${JSON.stringify(next)}${counted}}`;
}

/** How many there are, and how many of them by each facet. */
function countsOf(search: FindingSearch, names: readonly FacetName[], view: View): string {
  const free = names.flatMap((name) => (name === 'rule' ? [] : name === 'new' ? ['is_new' as const] : [name]));
  const counted = view.models.query().findingSearch.byRule(search, free);
  const { total, facets } = facetsOf(counted, { of: search.of, rules: search.rules, names, most: mostValues });
  return `"total":${total},"facets":${JSON.stringify(facets)}`;
}

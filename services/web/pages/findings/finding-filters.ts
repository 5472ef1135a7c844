import { findingFilters } from '../../rules/page-table.ts';
import { query } from '../../state/place.ts';

/** The filters of the address; without any state, what is open. */
export function filters(): URLSearchParams {
  const words = new URLSearchParams();
  for (const name of findingFilters) {
    const value = query.value.get(name);
    if (value) words.set(name, value);
  }
  if (!words.has('sort')) words.set('sort', 'severity');
  if (!words.has('state')) words.set('state', 'open');
  if (words.get('state') === 'all') words.delete('state');
  return words;
}

export const isFiltered = (): boolean =>
  findingFilters.some((name) => name !== 'state' && name !== 'sort' && query.value.has(name));

/** What findings are counted by beside the list. */
export const facetNames = ['project', 'tool', 'rule', 'subproject', 'assignee'] as const;

/** The filters as the body of a request about all that match; with their order, as they are saved. */
export function filterBody(isOrdered = false): Record<string, unknown> {
  const body: Record<string, unknown> = Object.fromEntries(filters());
  if (!isOrdered) delete body['sort'];
  for (const name of ['older_than', 'younger_than']) if (name in body) body[name] = Number(body[name]);
  return body;
}

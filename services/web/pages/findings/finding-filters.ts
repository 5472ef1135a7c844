import { query } from '../../state/place.ts';

/** What findings can be narrowed to, by the names of the API; the address holds them. */
export const filterNames = [
  'state',
  'severity',
  'kind',
  'tool',
  'rule',
  'project',
  'subproject',
  'recipe',
  'path',
  'assignee',
  'q',
  'since',
  'new_since',
  'older_than',
  'patchable',
  'new',
  'overdue',
  'sort',
] as const;

/** The filters of the address; without any state, what is open. */
export function filters(): URLSearchParams {
  const words = new URLSearchParams();
  for (const name of filterNames) {
    const value = query.value.get(name);
    if (value) words.set(name, value);
  }
  if (!words.has('sort')) words.set('sort', 'severity');
  if (!words.has('state')) words.set('state', 'open');
  if (words.get('state') === 'all') words.delete('state');
  return words;
}

export const isFiltered = (): boolean =>
  filterNames.some((name) => name !== 'state' && name !== 'sort' && query.value.has(name));

/** What findings are counted by beside the list. */
export const facetNames = ['project', 'tool', 'rule', 'subproject', 'assignee'] as const;

/** The filters as the body of a request about all that match. */
export function filterBody(): Record<string, unknown> {
  const body = Object.fromEntries(filters());
  delete body.sort;
  if ('older_than' in body) return { ...body, older_than: Number(body.older_than) };
  return body;
}

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
  'path',
  'text',
  'since',
  'older_than',
  'patchable',
  'assignee',
  'overdue',
  'new',
  'sort',
] as const;

/** The filters of the address; without any state, what is open. */
export function filters(): URLSearchParams {
  const words = new URLSearchParams();
  for (const name of filterNames) {
    const value = query.value.get(name);
    if (value) words.set(name, value);
  }
  if (!words.has('state')) words.set('state', 'open');
  if (words.get('state') === 'all') words.delete('state');
  return words;
}

export const isFiltered = (): boolean =>
  filterNames.some((name) => name !== 'state' && name !== 'sort' && query.value.has(name));

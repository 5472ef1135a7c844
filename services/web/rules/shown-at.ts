const timedTabs = new Set(['now', 'settings']);

const ofNow = new Set([
  '/admin',
  '/bottles',
  '/bottles/:id',
  '/usage',
  '/fleet',
  '/schedules',
  '/digests',
  '/digests/:date',
]);

/** Whether a page, or the part of it that a tab names, shows how things are now even where the past is asked for. */
export function showsNow(path: string, tab: string | null): boolean {
  if (path === '/projects/:name') return !timedTabs.has(tab ?? 'now');
  return ofNow.has(path) || (path === '/patches' && tab === 'queue');
}

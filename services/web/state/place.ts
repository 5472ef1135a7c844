import { computed, signal } from '@preact/signals';
import { type Found, pageAt } from '../rules/page-table.ts';
import { pagesBase } from './base.ts';

type Place = { readonly pathname: string; readonly search: string; readonly hash: string };

const here = (): Place => ({
  pathname: pathnameOf(location.pathname) ?? '/',
  search: location.search,
  hash: location.hash,
});

function pathnameOf(pathname: string): string | null {
  return pathname.startsWith(pagesBase) ? pathname.slice(pagesBase.length) || '/' : null;
}

/** Where the reader is, without the path of a proxy. */
export const place = signal<Place>(here());

export const found = computed<Found | null>(() => pageAt(place.value.pathname));

/** What the address says after its question mark. */
export const query = computed(() => new URLSearchParams(place.value.search));

/** The moment that pages are shown at: a sequence or a time; null for now. */
export const at = computed(() => query.value.get('at'));

/** The address of a page; the moment that is looked at stays. */
export function href(to: string): string {
  const moment = at.value;
  if (moment === null || /[?&]at=/.test(to)) return pagesBase + to;
  const [rest = '', hash] = to.split('#');
  return `${pagesBase}${rest}${rest.includes('?') ? '&' : '?'}at=${encodeURIComponent(moment)}${hash === undefined ? '' : `#${hash}`}`;
}

/** Opens a page by an address without the path of a proxy. */
export function navigate(to: string, { replace = false, keepAt = true } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', keepAt ? href(to) : pagesBase + to);
  place.value = here();
}

/** The same page with other words after the question mark; an empty one goes. */
export function setQuery(changes: Readonly<Record<string, string | null>>, { replace = true } = {}): void {
  const next = new URLSearchParams(place.value.search);
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  const words = next.toString();
  navigate(`${place.value.pathname}${words ? `?${words}` : ''}`, { replace, keepAt: false });
}

/** Links within the farm change the page; every other one, and one that a person opens elsewhere, is the browser's. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    place.value = here();
  });
  addEventListener('hashchange', () => {
    place.value = here();
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    const pathname = pathnameOf(link.pathname);
    if (pathname === null || !pageAt(pathname)) return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
    event.preventDefault();
    const isNew = link.pathname !== location.pathname;
    history.pushState(null, '', link.href);
    place.value = here();
    if (isNew) scrollTo(0, 0);
  });
}

import { signal } from '@preact/signals';
import { href, place } from '../state/place.ts';
import { type Drawn, html } from '../ui/html.ts';

export const menuIsOpen = signal(false);

/** The places, in the order in which one needs them; `g` and the letter goes there. */
export const places: readonly { readonly path: string; readonly says: string; readonly key: string }[] = [
  { path: '/', says: 'Overview', key: 'o' },
  { path: '/projects', says: 'Projects', key: 'r' },
  { path: '/jobs', says: 'Jobs', key: 'j' },
  { path: '/findings', says: 'Findings', key: 'f' },
  { path: '/patches', says: 'Patches', key: 'p' },
  { path: '/work', says: 'Issues', key: 'i' },
  { path: '/bottles', says: 'Bottles', key: 'b' },
  { path: '/usage', says: 'Usage', key: 'u' },
  { path: '/schedules', says: 'Schedules', key: 's' },
  { path: '/events', says: 'Events', key: 'e' },
  { path: '/diff', says: 'Compare', key: 'c' },
  { path: '/digests', says: 'Digests', key: 'd' },
  { path: '/fleet', says: 'Fleet', key: 'l' },
  { path: '/admin', says: 'Admin', key: 'a' },
];

export function Navigation(): Drawn {
  const { pathname } = place.value;
  return html`<nav class=${`side ${menuIsOpen.value ? 'open' : ''}`} aria-label="Pages" id="menu">
    <a class="brand" href=${href('/')}><span class="stamp" aria-hidden="true"></span>crafting-table</a>
    <ul>${places.map(({ path, says }) => {
      const isHere = path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`);
      return html`<li><a href=${href(path)} aria-current=${isHere ? 'page' : undefined} onClick=${() => (menuIsOpen.value = false)}>${says}</a></li>`;
    })}</ul>
  </nav>`;
}

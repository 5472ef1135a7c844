import { strangeWords } from '../rules/page-table.ts';
import { showsNow } from '../rules/shown-at.ts';
import { moment } from '../state/browser-clock.ts';
import { isOutdated, liveState } from '../state/live.ts';
import { at, found, query, setQuery } from '../state/place.ts';
import { type Drawn, html } from '../ui/html.ts';
import { momentWords } from './top-bar.ts';

/** What holds for the whole page: it shows the past, the network is away, the farm was upgraded. */
export function Notices(): Drawn {
  const isOfNow = showsNow(found.value?.page.path ?? '', query.value.get('tab'));
  return html`<${StrangeWords} />
    ${at.value !== null && (isOfNow ? html`<p class="notice warn">This shows how things are <strong>now</strong>: it is not kept for <strong>${momentWords(at.value)}</strong>, the moment that you look at. Nothing can be changed here.</p>` : isAhead(at.value) ? html`<p class="notice warn"><strong>${momentWords(at.value)}</strong> has not come yet: this is how things are now. Nothing can be changed here.</p>` : html`<p class="notice past">This is how things were at <strong>${momentWords(at.value)}</strong>. Nothing can be changed here.</p>`)}
    ${at.value === null && liveState.value === 'offline' && html`<p class="notice warn">The farm cannot be reached. What you see is from before; the page goes on by itself when the farm is back.</p>`}
    ${isOutdated.value && html`<p class="notice info">The farm was upgraded. <button type="button" onClick=${() => location.reload()}>Load this page anew</button></p>`}`;
}

/** What the address asks for and the page would pass over: a link with a slip shows no other list than was meant without a word. */
function StrangeWords(): Drawn {
  const page = found.value?.page;
  const strange = page ? strangeWords(page, query.value.keys()) : [];
  if (!page || strange.length === 0) return null;
  const without = () => setQuery(Object.fromEntries(strange.map((name) => [name, null])));
  const { takes = [] } = page;
  return html`<p class="notice warn" role="status">This page takes no ${strange.map((name, at) => html`${at > 0 && ', '}<code>${name}</code>`)} in its address${takes.length > 0 ? html`; it takes ${takes.join(', ')}` : ''}. <button type="button" onClick=${without}>Take it away</button></p>`;
}

/** Of a sequence it is not known here how far the log has come. */
const isAhead = (when: string): boolean => !/^\d+$/.test(when) && Date.parse(when) > moment();

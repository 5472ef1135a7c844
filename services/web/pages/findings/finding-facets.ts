import { query } from '../../state/place.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { SavedFilters } from './saved-filters.ts';

type Facet = { readonly value: string | boolean | number | null; readonly count: number };

const shown: readonly (readonly [name: string, title: string])[] = [
  ['project', 'Project'],
  ['tool', 'Tool'],
  ['rule', 'Rule'],
  ['subproject', 'Subproject'],
  ['assignee', 'Assigned to'],
];

const ages: readonly (readonly [name: string, value: string, says: string])[] = [
  ['new', '1', 'New'],
  ['overdue', '1', 'Over its deadline'],
  ['patchable', '1', 'Has a fix'],
  ['older_than', '30', 'Older than 30 days'],
];

/** What there is of what is shown, with counts; each is a link that narrows. */
export function Facets({ facets }: { facets: Readonly<Record<string, readonly Facet[]>> }): Drawn {
  return html`<details class="panel facets" open=${matchMedia('(min-width: 60rem)').matches}><summary class="panel-head"><h2>Narrow down</h2></summary>
    <${SavedFilters} />
    ${shown.map(([name, title]) => {
      const values = (facets[name] ?? []).filter(({ value }) => value !== null);
      const chosen = query.value.get(name);
      if (values.length === 0 && !chosen) return null;
      return html`<div class="facet"><h3>${title}</h3><ul>
        ${chosen && html`<li><a href=${without(name)} class="chosen">${chosen} <span aria-hidden="true">✕</span><span class="unseen">, take away</span></a></li>`}
        ${values
          .filter(({ value }) => String(value) !== chosen)
          .slice(0, 12)
          .map(
            ({ value, count }) =>
              html`<li><a href=${withWord(name, String(value))}><span class="ellipsis">${String(value)}</span> <span class="count">${count.toLocaleString('en')}</span></a></li>`,
          )}</ul></div>`;
    })}
    <div class="facet"><h3>Only</h3><ul>${ages.map(([name, value, says]) => html`<li>${query.value.has(name) ? html`<a href=${without(name)} class="chosen">${says} <span aria-hidden="true">✕</span><span class="unseen">, take away</span></a>` : html`<a href=${withWord(name, value)}>${says}</a>`}</li>`)}</ul></div>
  </details>`;
}

function withWord(name: string, value: string): string {
  const next = new URLSearchParams(query.value);
  next.set(name, value);
  return `?${next}`;
}

function without(name: string): string {
  const next = new URLSearchParams(query.value);
  next.delete(name);
  return `?${next}`;
}

import { useAnswer } from '../../state/ask-query.ts';
import { query } from '../../state/place.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { filters } from './finding-filters.ts';

type Facet = { readonly value: string | boolean | number | null; readonly count: number };

const shown: readonly (readonly [name: string, title: string])[] = [
  ['project', 'Project'],
  ['tool', 'Tool'],
  ['rule', 'Rule'],
  ['path', 'Folder'],
  ['subproject', 'Subproject'],
  ['assignee', 'Assigned to'],
];

/** What there is of what is shown, with counts; each is a link that narrows. */
export function Facets(): Drawn {
  const words = filters();
  words.delete('sort');
  const answer = useAnswer<{ facets: Readonly<Record<string, readonly Facet[]>> }>(`/findings/facets?${words}`, [
    'finding',
  ]);
  const facets = answer.data?.facets ?? {};
  return html`<details class="panel facets" open=${matchMedia('(min-width: 60rem)').matches}><summary class="panel-head"><h2>Narrow down</h2></summary>
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

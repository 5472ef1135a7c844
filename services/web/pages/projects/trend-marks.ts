import { entityHref } from '../../ui/entity-href.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { When } from '../../ui/time-element.ts';
import type { ChartMark } from '../../ui/views/charts.ts';

/** What stands out on the time line of a project. `at`: a time, or a date for a digest and a spike. */
export type Mark = {
  readonly kind: string;
  readonly at: string;
  readonly title: string;
  readonly entity: string | null;
  readonly id: string | null;
};

const signs: Readonly<Record<string, string>> = { release: '▲', merge: '◆', spike: '!', digest: '✉' };
/** A mail a day says nothing on a chart. */
const drawn = new Set(['release', 'merge', 'spike']);

export const markTitles = (marks: readonly Mark[]): ChartMark[] =>
  marks
    .filter(({ kind }) => drawn.has(kind))
    .map(({ kind, at, title }) => ({ day: at.slice(0, 10), sign: signs[kind] ?? '·', title: `${kind}: ${title}` }));

/** The marks with links: to what they are, and to the project as it was then. */
export function MarkList({ marks }: { marks: readonly Mark[] }): Drawn {
  if (marks.length === 0) return null;
  return html`<details class="marks" open=${marks.length <= 8}><summary>Releases, merges, digests and spikes (${marks.length})</summary><ul class="list">${marks.map(
    ({ kind, at, title, entity, id }) => {
      const to = entity === null || id === null ? null : entityHref(entity, id);
      return html`<li key=${`${kind} ${at} ${title}`}><span class="badge"><span aria-hidden="true">${signs[kind] ?? '·'}</span> ${kind}</span><span class="grow">${to ? html`<a href=${to}>${title}</a>` : title}</span><span class="small muted">${at.includes('T') ? html`<${When} at=${at} />` : at}</span>${at.includes('T') && html`<a class="small" href=${`?at=${encodeURIComponent(at)}`}>as it was then</a>`}</li>`;
    },
  )}</ul></details>`;
}

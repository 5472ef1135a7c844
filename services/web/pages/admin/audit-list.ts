import { usePages } from '../../state/ask-query.ts';
import { href, query } from '../../state/place.ts';
import { More, TextFilter } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';

type Entry = {
  readonly seq: number;
  readonly time: string;
  readonly by: string;
  readonly event: string;
  readonly project: string | null;
  readonly what: string;
};

/** Who did what. */
export function Audit(): Drawn {
  const by = query.value.get('by');
  const answer = usePages<Entry>(`/audit?limit=100${by ? `&by=${encodeURIComponent(by)}` : ''}`, 'entries', [
    'token',
    'team',
    'project',
    'secret',
  ]);
  return html`<div class="filters"><${TextFilter} name="by" label="Done by" /></div><section class="panel" aria-label="What was done"><${Answered} answer=${answer}>${(
    list: readonly Entry[],
  ) =>
    list.length === 0
      ? html`<${EmptyState} title=${by ? `${by} did nothing that is kept here` : 'Nobody did anything yet'}>Who makes or ends a token, changes a project or keeps a secret stands here.<//>`
      : html`<ul class="list">${list.map((one) => html`<li key=${one.seq}><span class="grow">${one.what}</span>${one.project && html`<a class="small" href=${href(`/projects/${encodeURIComponent(one.project)}`)}>${one.project}</a>`}<span class="small muted">by ${one.by}, event <a href=${href(`/events?from=${one.seq}`)}>${one.seq}</a>, <${Ago} at=${one.time} /></span></li>`)}</ul><${More} more=${answer.more} />`}<//></section>`;
}

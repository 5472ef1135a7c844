import { durationWords } from '../rules/time-words.ts';
import { useAnswer } from '../state/ask-query.ts';
import type { ChainEntry } from '../state/documents.ts';
import { href } from '../state/place.ts';
import { type Drawn, html } from './html.ts';
import { Answered, EmptyState } from './messages.ts';
import { When } from './time-element.ts';

/** Where an entity has its page; null for what has none. */
export function entityHref(entity: string, id: string): string | null {
  const paths: Readonly<Record<string, string>> = {
    job: '/jobs/',
    finding: '/findings/',
    patch: '/patches/',
    bottle: '/bottles/',
    work: '/work/',
    project: '/projects/',
    digest: '/digests/',
  };
  const path = paths[entity];
  return path === undefined ? null : href(path + encodeURIComponent(id));
}

/** What caused what: each event beneath its cause, with the time between, each entity a link. */
export function Chain({ path }: { path: string }): Drawn {
  const answer = useAnswer<{ chain: readonly ChainEntry[]; truncated: string | null }>(path, [
    ...['job', 'finding', 'patch', 'bottle', 'work'],
  ]);
  return html`<${Answered} answer=${answer}>${({
    chain,
    truncated,
  }: {
    chain: readonly ChainEntry[];
    truncated: string | null;
  }) => {
    const times = new Map(chain.map(({ seq, time }) => [seq, Date.parse(time)]));
    return chain.length === 0
      ? html`<${EmptyState} title="Nothing caused this that is still known" />`
      : html`<ol class="chain">${chain.map((one) => {
          const cause = one.cause_seq === null ? undefined : times.get(one.cause_seq);
          const to =
            one.entity === 'finding' && one.finding_id
              ? href(`/findings/${one.finding_id}`)
              : entityHref(one.entity, one.id);
          return html`<li key=${one.seq} style=${{ '--depth': Math.min(6, one.depth) }}>
        <div>${to ? html`<a href=${to}>${one.says}</a>` : one.says}${one.by && html` <span class="muted">by ${one.by}</span>`}</div>
        <div class="small muted"><span class="mono">${one.type}</span> · event <a href=${href(`/events?from=${one.seq}`)}>${one.seq}</a> · <${When} at=${one.time} />${cause !== undefined && Date.parse(one.time) > cause && ` · ${durationWords(Date.parse(one.time) - cause)} after its cause`}</div>
      </li>`;
        })}</ol>${truncated && html`<p class="pad muted">${truncated}</p>`}`;
  }}<//>`;
}

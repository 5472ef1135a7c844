import { signal } from '@preact/signals';
import { durationWords } from '../../rules/time-words.ts';
import { useAnswer } from '../../state/ask-query.ts';
import type { ChainEntry } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { entityHref } from '../entity-href.ts';
import { type Drawn, html } from '../html.ts';
import { Answered, EmptyState } from '../messages.ts';
import { inOwnZone, When } from '../time-element.ts';
import { ChainGraph } from './chain-graph.ts';

const kept = 'crafting-chain';
const isDrawn = signal(localStorage.getItem(kept) === 'drawing');

function choose(drawing: boolean): void {
  isDrawn.value = drawing;
  localStorage.setItem(kept, drawing ? 'drawing' : 'list');
}

/** What caused what, each entity a link: as a list with the time between, or as a drawing. */
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
    return chain.length === 0
      ? html`<${EmptyState} title="Nothing caused this that is still known" />`
      : html`<div class="row wrap pad"><button type="button" aria-pressed=${!isDrawn.value} onClick=${() => choose(false)}>List</button><button type="button" aria-pressed=${isDrawn.value} onClick=${() => choose(true)}>Drawing</button></div>${isDrawn.value ? html`<${ChainGraph} chain=${chain} />` : html`<${ChainList} chain=${chain} />`}${truncated && html`<p class="pad muted">${truncated}</p>`}`;
  }}<//>`;
}

function ChainList({ chain }: { chain: readonly ChainEntry[] }): Drawn {
  const times = new Map(chain.map(({ seq, time }) => [seq, Date.parse(time)]));
  return html`<ol class="chain">${chain.map((one) => {
    const cause = one.cause_seq === null ? undefined : times.get(one.cause_seq);
    const to =
      one.entity === 'finding' && one.finding_id ? href(`/findings/${one.finding_id}`) : entityHref(one.entity, one.id);
    return html`<li key=${one.seq} style=${{ '--depth': Math.min(6, one.depth) }}>
        <div>${to ? html`<a href=${to}>${inOwnZone(one.says)}</a>` : inOwnZone(one.says)}${one.by && html` <span class="muted">by ${one.by}</span>`}</div>
        <div class="small muted"><span class="mono">${one.type}</span> · event <a href=${href(`/events?from=${one.seq}`)}>${one.seq}</a> · <${When} at=${one.time} />${cause !== undefined && Date.parse(one.time) > cause && ` · ${durationWords(Date.parse(one.time) - cause)} after its cause`}</div>
      </li>`;
  })}</ol>`;
}

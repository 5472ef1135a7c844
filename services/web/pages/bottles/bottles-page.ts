import { useState } from 'preact/hooks';
import { amountWords, budgetWords, dollarWords, tokenWords } from '../../rules/spending-words.ts';
import type { Bottle } from '../../state/agent-documents.ts';
import { usePages } from '../../state/ask-query.ts';
import { useKeys } from '../../state/keys.ts';
import { at, href, navigate, query } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { Choice, More, PageHead, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { ShareBar } from '../../ui/share-bar.ts';
import { Ago } from '../../ui/time-element.ts';
import { ProjectChoice } from '../projects/project-choice.ts';
import { isAtWork, WorkedFor } from './bottle-work.ts';
import { type Policy, StopButtons, StopDialog, type Stopping } from './stop-dialog.ts';

/** Who runs for what, what it took, and what it did last; live. */
export function Page(): Drawn {
  const tab = query.value.get('tab') ?? 'now';
  return html`<${PageHead} title="Bottles" lead="Agents at work, each shut in a bottle of its own: for what, what it took, and what it did last." />
    <${Tabs} tabs=${[['now', 'At work'], ['all', 'All of them']]} />
    <div class="filters" role="search"><${ProjectChoice} />${tab === 'all' && html`<${Choice} name="status" label="State" options=${['requested', 'running', 'ended', 'destroyed']} />`}</div>
    <${List} live=${tab === 'now'} key=${tab} />`;
}

function List({ live }: { live: boolean }): Drawn {
  const words = new URLSearchParams({ limit: '50', ...(live ? { live: 'true' } : {}) });
  for (const name of ['project', ...(live ? [] : ['status'])])
    if (query.value.get(name)) words.set(name, query.value.get(name) ?? '');
  const answer = usePages<Bottle>(`/bottles?${words}`, 'bottles', ['bottle', 'spend', 'budget']);
  const [stopping, setStopping] = useState<Stopping | null>(null);
  const [place, setPlace] = useState(0);
  const list = answer.data ?? [];
  const chosen = list[Math.min(place, list.length - 1)];
  const move = (by: number) => setPlace(Math.max(0, Math.min(list.length - 1, place + by)));
  const stop = (policy: Policy) =>
    chosen && isAtWork(chosen) && may('run') && at.value === null && setStopping({ ...chosen, policy });
  useKeys('Bottles', [
    { keys: 'j', says: 'next one', run: () => move(1) },
    { keys: 'k', says: 'one before', run: () => move(-1) },
    { keys: 'o', says: 'open it', run: () => chosen && navigate(`/bottles/${chosen.id}`) },
    { keys: 'c', says: 'cut it off', run: () => stop('cutoff') },
    { keys: 'f', says: 'freeze it', run: () => stop('freeze') },
    { keys: 's', says: 'stop it', run: () => stop('kill') },
  ]);
  return html`<section class="panel" aria-label="List of bottles"><${Answered} answer=${answer}>${(
    bottles: readonly Bottle[],
  ) =>
    bottles.length === 0
      ? html`<${EmptyState} title=${live ? 'No agent waits or works' : 'No bottle is like that'}>Start one: <pre>crafting-table bottles start PROJECT AGENT "What it is to do." --follow</pre>Or let a label on an issue start it: <a href=${href('/work')}>work from issues</a>.<//>`
      : html`<table class="stack"><thead><tr><th>State</th><th>Agent</th><th>For</th><th class="number">Tokens</th><th class="number">Money</th><th>Budget</th><th>Last action</th><th><span class="unseen">Buttons</span></th></tr></thead>
        <tbody>${bottles.map((one) => html`<${Row} key=${one.id} bottle=${one} chosen=${one.id === chosen?.id} ask=${setStopping} />`)}</tbody></table><${More} more=${answer.more} />`}<//></section>
    ${stopping && html`<${StopDialog} stopping=${stopping} close=${() => setStopping(null)} after=${answer.reload} />`}`;
}

function Row({ bottle, chosen, ask }: { bottle: Bottle; chosen: boolean; ask: (stopping: Stopping) => void }): Drawn {
  const { id, agent, project, subproject, spent, budget, last_call, why, ended, status } = bottle;
  return html`<tr class=${`linked ${chosen ? 'chosen-row' : ''}`} aria-current=${chosen ? 'true' : undefined}>
    <td class="tight"><${StatusBadge} of=${ended ?? status} /></td>
    <td class="main"><a href=${href(`/bottles/${encodeURIComponent(id)}`)}><strong>${agent}</strong> ${project}${subproject && subproject !== '.' ? `/${subproject}` : ''}</a><div class="small muted">asked for <${Ago} at=${bottle.requested_at} /></div></td>
    <td data-label="for"><${WorkedFor} bottle=${bottle} /></td>
    <td class="number" data-label="tokens">${tokenWords(spent.tokens)}</td>
    <td class="number" data-label="money">${dollarWords(spent.usd)}</td>
    <td data-label="budget">${budget ? html`<${ShareBar} share=${budget.share} of=${`${amountWords(budget.limit, budget.unit)} of ${budgetWords(budget)}`} />` : html`<span class="muted small">none set</span>`}</td>
    <td class="small"><span class="clamp">${why ?? last_call?.words ?? html`<span class="muted">nothing yet</span>`}</span>${last_call && !why && html` <span class="muted"><${Ago} at=${last_call.at} /></span>`}</td>
    <td class="tight">${isAtWork(bottle) && html`<${StopButtons} id=${id} agent=${agent} ask=${ask} />`}</td></tr>`;
}

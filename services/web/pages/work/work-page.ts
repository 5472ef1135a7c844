import { amountWords, budgetWords, dollarWords, tokenWords } from '../../rules/spending-words.ts';
import type { Bottle, Work } from '../../state/agent-documents.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { href, query } from '../../state/place.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { Facts, link, PageHead, Section, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { OutsideLink } from '../../ui/outside-link.ts';
import { ShareBar } from '../../ui/share-bar.ts';
import { Ago } from '../../ui/time-element.ts';
import { Chain } from '../../ui/views/chain.ts';
import { GoOnButton } from './go-on-button.ts';
import { WorkStates } from './work-states.ts';

/** One issue: its state, what the agent did in each turn, and everything that happened with its cause. */
export function Page({ params }: { params: { id: string } }): Drawn {
  const answer = useAnswer<{ work: Work }>(`/work/${encodeURIComponent(params.id)}`, ['work', 'bottle', 'patch']);
  return html`<${Answered} answer=${answer}>${({ work }: { work: Work }) => html`<${OneWork} work=${work} reload=${answer.reload} />`}<//>`;
}

function OneWork({ work, reload }: { work: Work; reload: () => void }): Drawn {
  const path = `/work/${encodeURIComponent(work.id)}`;
  const tab = query.value.get('tab') ?? 'history';
  return html`<${PageHead} title=${work.title || `Issue ${work.issue}`} lead=${html`<span class="row wrap"><${StatusBadge} of=${work.outcome ?? work.state} /><span><${OutsideLink} url=${work.issue_url}>${work.repository} #${work.issue}<//>, ${work.agent} is to ${work.verb} it</span></span>`}>
      ${work.pull && html`<${OutsideLink} url=${work.pull.url} button>Pull request ${work.pull.number}<//>`}
      ${(work.state === 'in_review' || work.state === 'ended') && html`<${GoOnButton} path=${path} again=${work.state === 'ended'} after=${reload} />`}
      ${work.state !== 'ended' && html`<${ActionButton} label="Stop" path=${`${path}/stop`} scope="write" danger reason confirm="The round ends, and its bottle is stopped. A pull request that is open stays for people." done="Stopped" after=${reload} />`}<//>
    <${WorkStates} work=${work} />
    ${work.failure && html`<div class="problem" role="note"><strong>It ended at the step “${work.failure.step}”</strong><p>${work.failure.detail}</p></div>`}
    ${work.state === 'ended' && work.detail && html`<div class="problem asked" role="note"><strong>Round ${work.round} is over</strong><p>${work.detail}</p></div>`}
    <div class="columns"><div>
      <${Tabs} tabs=${[['history', 'What happened'], ['bottles', 'Bottles', work.bottles.length]]} />
      <section class="panel" aria-label=${tab}>${tab === 'history' ? html`<${Chain} path=${`${path}/explain`} />` : html`<ul class="list">${work.bottles.map((id) => html`<${Turn} key=${id} id=${id} />`)}</ul>`}</section>
    </div><div>
      ${work.bottle_id && html`<${Spent} id=${work.bottle_id} work=${work} />`}
      <${Section} title="Facts"><${Facts} facts=${[
        ['Project', link(`/projects/${encodeURIComponent(work.project)}`, work.project)],
        ['Asked for', html`by ${work.by} (${work.trigger}), <${Ago} at=${work.targeted_at} />`],
        ['Why they may', work.because],
        work.instructions !== null && ['Beside the issue', work.instructions],
        ['Round, turn', `${work.round}, ${work.turn}`],
        work.base && [
          'Onto',
          html`<code>${work.base.branch}</code> <span class="muted mono">${work.base.sha.slice(0, 10)}</span>`,
        ],
        work.patch_id && ['Attempt', link(`/patches/${encodeURIComponent(work.patch_id)}`, work.patch_id)],
        work.pending.length > 0 && ['Comments to answer', String(work.pending.length)],
        work.strangers > 0 && ['Comments left alone', `${work.strangers} by people who are no members`],
        work.run?.summary && ['Its agent says', work.run.summary],
      ]} /><//>
    </div></div>`;
}

/** A bottle of the round. */
function Turn({ id }: { id: string }): Drawn {
  const { data } = useAnswer<{ bottle: Bottle }>(`/bottles/${encodeURIComponent(id)}`, ['bottle']);
  const words = data ? html`<${StatusBadge} of=${data.bottle.ended ?? data.bottle.status} />` : null;
  return html`<li>${words}<a class="grow" href=${href(`/bottles/${encodeURIComponent(id)}`)}>${data?.bottle.done?.summary ?? `bottle ${id}`}</a>${data && html`<span class="small muted">${tokenWords(data.bottle.spent.tokens)} tokens, ${dollarWords(data.bottle.spent.usd)}, <${Ago} at=${data.bottle.requested_at} /></span>`}</li>`;
}

/** What the newest turn took, and how near it is to the end of its budget. */
function Spent({ id, work }: { id: string; work: Work }): Drawn {
  const { data } = useAnswer<{ bottle: Bottle }>(`/bottles/${encodeURIComponent(id)}`, ['bottle', 'spend']);
  const budget = data?.bottle.budget;
  return html`<${Section} title="The newest turn"><${Facts} facts=${[
    ['Bottle', link(`/bottles/${encodeURIComponent(id)}`, `…${id.slice(-8)}`)],
    ['Tokens', data ? tokenWords(data.bottle.spent.tokens) : null],
    ['Money', data ? dollarWords(data.bottle.spent.usd) : null],
    ['Budget a turn', work.budget_tokens === null ? "the agent's" : `${tokenWords(work.budget_tokens)} tokens`],
  ]} />${budget && html`<div class="pad"><${ShareBar} share=${budget.share} of=${`${amountWords(budget.limit, budget.unit)} of ${budgetWords(budget)}`} /></div>`}<//>`;
}

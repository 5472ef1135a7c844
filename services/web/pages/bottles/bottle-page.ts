import { useState } from 'preact/hooks';
import { amountWords, budgetWords, dollarWords, tokenWords } from '../../rules/spending-words.ts';
import { durationWords } from '../../rules/time-words.ts';
import type { Bottle, BottleCall } from '../../state/agent-documents.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { href, query } from '../../state/place.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { Facts, link, PageHead, Section, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { ShareBar } from '../../ui/share-bar.ts';
import { Ago, When } from '../../ui/time-element.ts';
import { Chain } from '../../ui/views/chain.ts';
import { DiffView } from '../../ui/views/diff-view.ts';
import { LogView } from '../jobs/log-view.ts';
import { BottleEgress } from './bottle-egress.ts';
import { isAtWork, WorkedFor } from './bottle-work.ts';
import { StopButtons, StopDialog, type Stopping } from './stop-dialog.ts';

type Answer = { readonly bottle: Bottle; readonly calls: readonly BottleCall[] };

/** One run of an agent: its log, what it asked for, where it went, what it changed, and what ended it. */
export function Page({ params }: { params: { id: string } }): Drawn {
  const path = `/bottles/${encodeURIComponent(params.id)}`;
  const answer = useAnswer<Answer>(path, ['bottle', 'spend', 'budget', 'job']);
  return html`<${Answered} answer=${answer}>${(one: Answer) => html`<${OneBottle} ...${one} path=${path} reload=${answer.reload} />`}<//>`;
}

function OneBottle({ bottle, calls, path, reload }: Answer & { path: string; reload: () => void }): Drawn {
  const [stopping, setStopping] = useState<Stopping | null>(null);
  const tab = query.value.get('tab') ?? 'log';
  const { agent, project, subproject, ended, status, stop } = bottle;
  return html`<${PageHead} title=${html`${agent} <span class="muted">at work on</span> ${project}${subproject && subproject !== '.' ? `/${subproject}` : ''}`} lead=${html`<span class="row wrap"><${StatusBadge} of=${ended ?? status} /><span>for <${WorkedFor} bottle=${bottle} /></span></span>`}>
      ${isAtWork(bottle) && html`<${StopButtons} id=${bottle.id} agent=${agent} ask=${setStopping} />`}<//>
    ${stop && html`<div class="problem" role="note"><strong>${stopWords(stop)}</strong>${stop.detail && html`<p>${stop.detail}</p>`}<p class="muted"><${When} at=${stop.at} /></p></div>`}
    ${!stop && bottle.why && html`<div class="problem" role="note"><strong>Why it ended</strong><p>${bottle.why}</p></div>`}
    <div class="columns"><div>
      <${Tabs} tabs=${[['log', 'Log'], ['calls', 'What it asked for', bottle.calls], ['egress', 'Where it went'], ['diff', 'Diff', bottle.diff?.files ?? null], ['why', 'Causes and effects']]} />
      <section class="panel" aria-label=${tab}>
        ${tab === 'log' && html`<${Log} bottle=${bottle} />`}
        ${tab === 'calls' && html`<${Calls} calls=${calls} />`}
        ${tab === 'egress' && html`<${BottleEgress} bottle=${bottle} />`}
        ${tab === 'diff' && html`<${Diff} bottle=${bottle} path=${path} />`}
        ${tab === 'why' && html`<${Chain} path=${`${path}/explain`} />`}
      </section>
    </div><div><${Spent} bottle=${bottle} /><${Facets} bottle=${bottle} /></div></div>
    ${stopping && html`<${StopDialog} stopping=${stopping} close=${() => setStopping(null)} after=${reload} />`}`;
}

/** By whom, or by what, and what that means. */
function stopWords({ policy, why, by }: NonNullable<Bottle['stop']>): string {
  const what =
    policy === 'cutoff'
      ? 'Cut off'
      : policy === 'freeze'
        ? 'Frozen'
        : policy === 'kill'
          ? 'Stopped at once'
          : 'Stopped';
  if (why === 'budget') return `${what}: a budget is used up`;
  return why === 'circle' ? `${what}: it went in a circle` : `${what} by ${by ?? 'somebody'}`;
}

function Log({ bottle }: { bottle: Bottle }): Drawn {
  if (bottle.job_id === null)
    return html`<${EmptyState} title="It has not begun">${bottle.why ?? 'It waits for a runner that can shut an agent in.'}<//>`;
  return html`<${JobLog} id=${bottle.job_id} live=${isAtWork(bottle)} key=${bottle.job_id} />`;
}

function JobLog({ id, live }: { id: string; live: boolean }): Drawn {
  const answer = useAnswer<{ job: { log_bytes: number; status: string } }>(`/jobs/${encodeURIComponent(id)}`, ['job']);
  return html`<${Answered} answer=${answer}>${({ job }: { job: { log_bytes: number; status: string } }) =>
    job.status === 'queued'
      ? html`<${EmptyState} title="It waits for a runner" />`
      : html`<${LogView} id=${id} live=${live && job.status === 'running'} bytes=${job.log_bytes} findings=${[]} />`}<//>`;
}

function Calls({ calls }: { calls: readonly BottleCall[] }): Drawn {
  if (calls.length === 0)
    return html`<${EmptyState} title="It asked for nothing">What it asks its sidecar for stands here: issues that it reads, comments that it writes, that it is done.<//>`;
  return html`<ol class="list">${[...calls].reverse().map((one) => html`<li key=${one.seq}><span class=${`grow ${one.refused ? 'bad-text' : ''}`}>${one.words}</span>${one.refused && html`<span class="badge bad">refused</span>`}<span class="small muted">event ${link(`/events?from=${one.seq}`, one.seq)}, <${Ago} at=${one.at} /></span></li>`)}</ol>`;
}

function Diff({ bottle, path }: { bottle: Bottle; path: string }): Drawn {
  const answer = useAnswer<{ diff: string | null }>(bottle.diff === null ? null : `${path}/diff`, ['bottle']);
  if (bottle.diff === null)
    return html`<${EmptyState} title=${isAtWork(bottle) ? 'It has not ended' : 'It changed nothing'}>What differs from the commit at its end stands here.<//>`;
  return html`<${Answered} answer=${answer}>${({ diff }: { diff: string | null }) => (diff === null ? html`<${EmptyState} title="The diff is not kept any more" />` : html`<${DiffView} diff=${diff} />`)}<//>`;
}

function Spent({ bottle: { spent, budget } }: { bottle: Bottle }): Drawn {
  return html`<${Section} title="What it took"><${Facts} facts=${[
    ['Tokens', tokenWords(spent.tokens)],
    ['Money', dollarWords(spent.usd)],
    ['Calls of models', String(spent.calls)],
    spent.unpriced_tokens > 0 && ['Without a price', `${tokenWords(spent.unpriced_tokens)} tokens`],
  ]} />${
    budget &&
    html`<div class="pad"><${ShareBar} share=${budget.share} of=${`${amountWords(budget.limit, budget.unit)} of ${budgetWords(budget)}`} /><p class="small muted">${amountWords(budget.used, budget.unit)} of ${amountWords(budget.limit, budget.unit)}: the budget of ${budgetWords(budget)}</p></div>`
  }<//>`;
}

function Facets({ bottle }: { bottle: Bottle }): Drawn {
  return html`<${Section} title="Facts"><${Facts} facts=${[
    bottle.done && ['Its agent says', html`${bottle.done.status}: <span>${bottle.done.summary}</span>`],
    ['Took', durationWords(bottle.duration_ms)],
    bottle.turns !== null && ['Turns', String(bottle.turns)],
    bottle.exit_code !== null && ['Ended with', String(bottle.exit_code)],
    bottle.manifest && [
      'Program',
      html`<code>${bottle.manifest.program}</code>${bottle.manifest.model && html` <span class="muted">${bottle.manifest.model}</span>`}`,
    ],
    bottle.manifest_digest && ['Manifest', html`<code>${bottle.manifest_digest.slice(0, 12)}</code>`],
    ['Commit', bottle.sha && html`<code>${bottle.sha.slice(0, 12)}</code>`],
    ['Job', bottle.job_id && link(`/jobs/${encodeURIComponent(bottle.job_id)}`, 'the job that ran it')],
    bottle.session && ['Kept state', html`<code>${bottle.session.slice(0, 12)}</code>`],
    bottle.thawed && ['Went on from', html`<code>${bottle.thawed.slice(0, 12)}</code>`],
    ['Asked for', html`by ${bottle.requested_by}, <${Ago} at=${bottle.requested_at} />`],
    ['Began', html`<${Ago} at=${bottle.started_at} />`],
    ['Ended', html`<${Ago} at=${bottle.ended_at} />`],
  ]} /><//>
  <${Section} title="What it was asked"><p class="pad untrusted clip" tabindex="0">${bottle.prompt}</p><p class="pad small"><a href=${href(`/usage?by=model&bottle=${encodeURIComponent(bottle.id)}`)}>Its usage by model</a></p><//>`;
}

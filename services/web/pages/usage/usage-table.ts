import { usageFilters } from '../../rules/page-table.ts';
import { dollarWords, tokenWords } from '../../rules/spending-words.ts';
import type { Usage } from '../../state/agent-documents.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { href, query, setQuery } from '../../state/place.ts';
import { Choice, Facts, Section, TextFilter } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { StackedChart } from '../../ui/views/charts.ts';
import { ProjectChoice } from '../projects/project-choice.ts';

type Answer = { readonly total: Usage; readonly usage: readonly Usage[]; readonly prices: string };

const groups = ['agent', 'model', 'provider', 'owner', 'day', 'bottle', 'finding'] as const;
const heads: Readonly<Record<string, string>> = { owner: 'team' };

function pathBy(by: string): string {
  const words = new URLSearchParams({ by });
  for (const name of usageFilters) if (query.value.get(name)) words.set(name, query.value.get(name) ?? '');
  return `/usage?${words}`;
}

/** Sums by agent, project, team, provider, model, day, bottle or finding; each row narrows the next question. */
export function UsageTable(): Drawn {
  const by = query.value.get('by') ?? 'project';
  const answer = useAnswer<Answer>(pathBy(by), ['spend']);
  const days = useAnswer<Answer>(pathBy('day'), ['spend']);
  return html`<div class="filters" role="search">
      <${Choice} name="by" label="Added up by" any="project" options=${groups.map((one) => [one, heads[one] ?? one])} />
      <${ProjectChoice} /><${TextFilter} name="agent" label="Agent" /><${TextFilter} name="model" label="Model" /><${Day} name="from" label="From" /><${Day} name="to" label="To" />
      ${usageFilters.some((name) => query.value.has(name)) && html`<button type="button" onClick=${() => setQuery(Object.fromEntries(usageFilters.map((name) => [name, null])), { replace: false })}>All of it</button>`}
    </div>
    <${Answered} answer=${answer}>${({ total, usage, prices }: Answer) => html`
      <section class="panel" aria-label="All together"><${Facts} facts=${[
        ['Tokens', tokenWords(total.tokens)],
        ['Money', dollarWords(total.usd)],
        ['Calls', tokenWords(total.calls)],
        total.unpriced_tokens > 0 && ['Without a price', `${tokenWords(total.unpriced_tokens)} tokens`],
        total.estimated_calls > 0 && ['Partly estimated', `${tokenWords(total.estimated_calls)} calls`],
        ['Prices of', prices],
      ]} /></section>
      <section class="panel" aria-label=${`Usage by ${heads[by] ?? by}`}>${usage.length === 0 ? html`<${EmptyState} title="No agent took anything">What agents in bottles ask of models is metered by the gateway of the farm, and stands here.<//>` : html`<${Rows} by=${by} usage=${usage} most=${Math.max(1, ...usage.map(({ tokens }) => tokens))} />`}</section>`}<//>
    ${days.data && days.data.usage.length > 1 && html`<${ByDay} usage=${days.data.usage} />`}`;
}

function Day({ name, label }: { name: string; label: string }): Drawn {
  return html`<label class="field inline"><span>${label}</span><input type="date" value=${query.value.get(name) ?? ''} onChange=${(event: Event) => setQuery({ [name]: (event.target as HTMLInputElement).value }, { replace: false })} /></label>`;
}

function Rows({ by, usage, most }: { by: string; usage: readonly Usage[]; most: number }): Drawn {
  return html`<table class="stack"><thead><tr><th>${heads[by] ?? by}</th><th>Share</th><th class="number">Calls</th><th class="number">Input</th><th class="number">Cache</th><th class="number">Output</th><th class="number">Tokens</th><th class="number">Money</th><th>Last</th></tr></thead>
    <tbody>${usage.map(
      (one) => html`<tr key=${one.group}><td class="main"><${Group} by=${by} group=${one.group} /></td>
        <td><span class="share-bar" aria-hidden="true"><i class="good" style=${{ width: `${(one.tokens / most) * 100}%` }}></i></span></td>
        <td class="number" data-label="calls">${tokenWords(one.calls)}</td><td class="number" data-label="input">${tokenWords(one.input_tokens)}</td><td class="number" data-label="cache">${tokenWords(one.cache_read_tokens + one.cache_write_tokens)}</td><td class="number" data-label="output">${tokenWords(one.output_tokens)}</td><td class="number" data-label="tokens"><strong>${tokenWords(one.tokens)}</strong></td><td class="number">${dollarWords(one.usd)}</td><td class="tight" data-label="last"><${Ago} at=${one.last_at} /></td></tr>`,
    )}</tbody></table>`;
}

const pageOf: Readonly<Record<string, string>> = { bottle: '/bottles/', finding: '/findings/', project: '/projects/' };

/** The name of a sum: its page where it has one, else a way to narrow the question to it. */
function Group({ by, group }: { by: string; group: string | null }): Drawn {
  if (group === null) return html`<span class="muted">none</span>`;
  const page = pageOf[by];
  if (page !== undefined) return html`<a href=${href(page + encodeURIComponent(group))}><strong>${group}</strong></a>`;
  const next = new URLSearchParams(query.value);
  next.set('by', by === 'day' ? 'model' : 'bottle');
  for (const name of by === 'day' ? ['from', 'to'] : [by]) next.set(name, group);
  return html`<a href=${`?${next}`}><strong>${group}</strong></a>`;
}

function ByDay({ usage }: { usage: readonly Usage[] }): Drawn {
  const days = [...usage].reverse();
  const series = [
    { name: 'input', tone: 'info', values: days.map((one) => one.input_tokens) },
    { name: 'cache', tone: 'good', values: days.map((one) => one.cache_read_tokens + one.cache_write_tokens) },
    { name: 'output', tone: 'warn', values: days.map((one) => one.output_tokens) },
  ];
  return html`<${Section} title="Tokens a day" aside="days of UTC"><${StackedChart} isFlow days=${days.map(({ group }) => group ?? '')} label="Tokens by kind, day by day" series=${series} /><//>`;
}

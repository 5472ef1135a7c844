import { dollarWords, tokenWords } from '../../rules/spending-words.ts';
import { countWords } from '../../rules/time-words.ts';
import type { Bottle, Usage } from '../../state/agent-documents.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { isAtWork } from './bottle-work.ts';

/** Where a bottle went by its gateway: models with what they took, hosts with their requests, and what was refused. */
export function BottleEgress({ bottle }: { bottle: Bottle }): Drawn {
  const { id, egress, manifest } = bottle;
  const answer = useAnswer<{ usage: readonly Usage[] }>(`/usage?by=model&bottle=${encodeURIComponent(id)}`, ['spend']);
  return html`<${Answered} answer=${answer}>${({ usage }: { usage: readonly Usage[] }) => html`
    ${usage.length > 0 && html`<table class="stack"><thead><tr><th>Model</th><th class="number">Calls</th><th class="number">Input</th><th class="number">Cache</th><th class="number">Output</th><th class="number">Money</th></tr></thead><tbody>${usage.map((one) => html`<tr key=${one.group}><td class="main"><strong>${one.group ?? 'no name'}</strong></td><td class="number" data-label="calls">${one.calls}</td><td class="number" data-label="input">${tokenWords(one.input_tokens)}</td><td class="number" data-label="cache">${tokenWords(one.cache_read_tokens + one.cache_write_tokens)}</td><td class="number" data-label="output">${tokenWords(one.output_tokens)}</td><td class="number">${dollarWords(one.usd)}</td></tr>`)}</tbody></table>`}
    ${
      egress === null
        ? html`<${EmptyState} title=${usage.length === 0 ? 'It asked nobody outside' : 'Hosts are told at its end'}>${isAtWork(bottle) ? 'The gateway tells at the end of a bottle which hosts it asked.' : 'It had no gateway, or its runner was lost.'}<//>`
        : html`<p class="pad">${countWords(egress.requests, 'request')} let through, <span class=${egress.refused > 0 ? 'bad-text' : ''}>${egress.refused} refused</span>.</p>
        ${egress.hosts.length > 0 && html`<ul class="list">${egress.hosts.map(({ host, requests }) => html`<li key=${host}><span class="grow mono">${host}</span><span>${countWords(requests, 'request')}</span></li>`)}</ul>`}`
    }
    ${manifest && html`<p class="pad small muted">Its manifest lets it reach ${[...manifest.gateway.map((one) => `models of ${one}`), ...manifest.hosts].join(', ') || 'nothing outside'}.</p>`}`}<//>`;
}

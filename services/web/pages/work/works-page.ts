import { tokenWords } from '../../rules/spending-words.ts';
import type { Work } from '../../state/agent-documents.ts';
import { usePages } from '../../state/ask-query.ts';
import { href, query } from '../../state/place.ts';
import { StatusBadge, statusWords } from '../../ui/badges.ts';
import { More, PageHead, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { OutsideLink } from '../../ui/outside-link.ts';
import { Ago } from '../../ui/time-element.ts';
import { ProjectChoice } from '../projects/project-choice.ts';
import { BeginWork } from './begin-work.ts';

/** Issues on which agents work: who asked, how it stands, what came of it. */
export function Page(): Drawn {
  const tab = query.value.get('tab') ?? 'now';
  return html`<${PageHead} title="Work from issues" lead="A label on an issue leads to a proven pull request. The farm never merges." />
    <${Tabs} tabs=${[['now', 'Under way'], ['all', 'All of it']]} />
    <div class="filters" role="search"><${ProjectChoice} /></div>
    <${List} live=${tab === 'now'} key=${tab} /><${BeginWork} />`;
}

function List({ live }: { live: boolean }): Drawn {
  const project = query.value.get('project');
  const words = new URLSearchParams({
    limit: '50',
    ...(live ? { live: 'true' } : {}),
    ...(project ? { project } : {}),
  });
  const answer = usePages<Work>(`/work?${words}`, 'works', ['work', 'bottle', 'patch']);
  return html`<section class="panel" aria-label="List of issues"><${Answered} answer=${answer}>${(
    works: readonly Work[],
  ) =>
    works.length === 0
      ? html`<${EmptyState} title=${live ? 'No agent works on an issue' : 'No issue has started an agent'}>Name agents in the settings of a project (Orchestrate, Agents), then put the label <code>crafting-table:AGENT</code> on an issue; then one can be begun here by hand, too.<//>`
      : html`<table class="stack"><thead><tr><th>State</th><th>Issue</th><th>Agent</th><th>Pull request</th><th class="number">Budget a turn</th><th class="number">Round, turn</th><th>Changed</th></tr></thead>
        <tbody>${works.map((one) => html`<${Row} key=${one.id} work=${one} />`)}</tbody></table><${More} more=${answer.more} />`}<//></section>`;
}

function Row({ work }: { work: Work }): Drawn {
  return html`<tr class="linked"><td class="tight"><${StatusBadge} of=${work.outcome ?? work.state} /></td>
    <td class="main"><a href=${href(`/work/${encodeURIComponent(work.id)}`)}><strong>${work.title || `Issue ${work.issue}`}</strong></a><div class="small muted">${work.repository} #${work.issue}, by ${work.by}${work.failure && html` · <span class="bad-text">${work.failure.detail}</span>`}</div></td>
    <td data-label="agent">${work.agent}${work.verb === 'fix' ? '' : html` <span class="muted">${work.verb}</span>`}</td>
    <td>${work.pull ? html`<${OutsideLink} url=${work.pull.url}>#${work.pull.number}<//>${work.conflicted && html` <span class="badge warn">conflicts</span>`}` : html`<span class="muted small">${work.patch_id ? statusWords(work.state) : 'none yet'}</span>`}</td>
    <td class="number" data-label="budget">${work.budget_tokens === null ? html`<span class="muted">the agent's</span>` : tokenWords(work.budget_tokens)}</td>
    <td class="number" data-label="round, turn">${work.round}, ${work.turn}</td>
    <td class="tight"><${Ago} at=${work.updated_at} /></td></tr>`;
}

import { type Answer, useAnswer } from '../../state/ask-query.ts';
import type { Patch, Waiting } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { SeverityBadge } from '../../ui/badges.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { EmptyState } from '../../ui/messages.ts';

export type OpenAndWaiting = {
  readonly limit: number;
  readonly open: readonly Patch[];
  readonly waiting: readonly Waiting[];
};

/** What is open and what waits in a project; of none where no name is known yet. */
export const useProposals = (project: string | null): Answer<OpenAndWaiting> =>
  useAnswer(project === null ? null : `/projects/${encodeURIComponent(project)}/proposals`, ['patch', 'finding']);

/** Findings that no patch was begun for, each with the reason. */
export function WaitingRows({ waiting }: { waiting: readonly Waiting[] }): Drawn {
  if (waiting.length === 0) return html`<${EmptyState} title="Nothing waits for a patch" />`;
  return html`<ul class="list">${waiting.map((one) => html`<li key=${one.finding_id}><${SeverityBadge} of=${one.severity} /><a class="grow" href=${href(`/findings/${one.finding_id}`)}><span class="mono">${one.code ?? one.tool}</span> <span class="muted mono small">${one.file}${one.line === null ? '' : `:${one.line}`}</span><div class="small muted">${one.detail}</div></a><span class=${`badge ${one.actionable ? 'good' : 'quiet'}`}>${one.reason.replaceAll('_', ' ')}</span></li>`)}</ul>`;
}

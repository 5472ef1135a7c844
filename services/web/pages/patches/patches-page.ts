import { useAnswer, usePages } from '../../state/ask-query.ts';
import type { Patch } from '../../state/documents.ts';
import { href, query } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { StatusBadge, statusWords } from '../../ui/badges.ts';
import { Choice, More, PageHead, Section, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { ProjectChoice } from '../projects/project-choice.ts';
import { type OpenAndWaiting, useProposals, WaitingRows } from './waiting-rows.ts';

const states = [
  'requested',
  'drafted',
  'verifying',
  'proven',
  'awaiting_approval',
  'pushed',
  'pr_opened',
  'merged',
  'refused',
  'verify_failed',
  'apply_failed',
  'declined',
  'abandoned',
  'closed',
  'not_approved',
  'stopped',
];

/** What was drafted, and what waits to be drafted with the reason. */
export function Page(): Drawn {
  const tab = query.value.get('tab') ?? 'attempts';
  return html`<${PageHead} title="Patches" lead="What the farm drafts, proves and offers. It opens pull requests and never merges."><a class="button" href=${href('/findings?patchable=1')}>Start one</a>${may('admin') && html`<${PauseButton} />`}<//>
    <${Tabs} tabs=${[['attempts', 'Attempts'], ['queue', 'What waits, and why']]} />
    <div class="filters" role="search"><${ProjectChoice} />${tab === 'attempts' && html`<${Choice} name="status" label="State" options=${states.map((one) => [one, statusWords(one)] as const)} />`}</div>
    ${tab === 'attempts' ? html`<${Attempts} />` : html`<${Queue} />`}`;
}

function PauseButton(): Drawn {
  const answer = useAnswer<{ paused: { by: string; reason: string } | null }>('/admin/patching', ['patch']);
  if (!answer.data) return null;
  return answer.data.paused
    ? html`<span class="badge warn">paused by ${answer.data.paused.by}</span><${ActionButton} label="Resume" path="/admin/patching/resume" body=${{}} scope="admin" done="Patches are drafted again" after=${answer.reload} />`
    : html`<${ActionButton} label="Pause" path="/admin/patching/pause" scope="admin" reason confirm="Nothing new is drafted until somebody resumes." done="No patch is drafted now" after=${answer.reload} />`;
}

function Attempts(): Drawn {
  const words = new URLSearchParams({ limit: '50' });
  for (const name of ['project', 'status']) if (query.value.get(name)) words.set(name, query.value.get(name) ?? '');
  const answer = usePages<Patch>(`/patches?${words}`, 'patches', ['patch']);
  return html`<section class="panel" aria-label="Attempts"><${Answered} answer=${answer}>${(list: readonly Patch[]) =>
    list.length === 0
      ? html`<${EmptyState} title="Nothing was drafted"><a href=${href('/findings?patchable=1')}>Open a finding that has a fix</a> and press “Draft a patch”, or let the farm choose: set <code>notify.auto_patch</code> of a project.<//>`
      : html`<table class="stack"><thead><tr><th>State</th><th>What</th><th>Method</th><th class="number">Lines</th><th>When</th></tr></thead><tbody>${list.map(
          (one) => html`<tr class="linked" key=${one.id}><td class="tight"><${StatusBadge} of=${one.status} /></td>
            <td class="main"><a href=${href(`/patches/${encodeURIComponent(one.id)}`)}><strong>${one.title ?? `Attempt ${one.attempt_number} at finding ${one.finding_id}`}</strong></a><div class="small muted">${one.project}${one.subproject === '.' ? '' : `/${one.subproject}`} · ${one.recipe}${one.failure && html` · <span class="bad-text">${one.failure.detail}</span>`}</div></td>
            <td data-label="by">${one.method?.replace('_', ' ') ?? '–'}</td>
            <td class="number"><span class="good-text">+${sum(one, 'added')}</span> <span class="bad-text">−${sum(one, 'removed')}</span></td>
            <td class="tight"><${Ago} at=${one.updated_at} /></td></tr>`,
        )}</tbody></table><${More} more=${answer.more} />`}<//></section>`;
}

const sum = ({ files }: Patch, field: 'added' | 'removed') => files.reduce((all, one) => all + one[field], 0);

function Queue(): Drawn {
  const project = query.value.get('project');
  const projects = useAnswer<{ projects: readonly { name: string }[] }>('/projects?limit=500');
  const name = project ?? projects.data?.projects[0]?.name ?? null;
  const answer = useProposals(name);
  if (projects.data?.projects.length === 0) return html`<${EmptyState} title="There is no project yet" />`;
  return html`<${Answered} answer=${answer}>${({ limit, open, waiting }: OpenAndWaiting) => html`
    <${Section} title=${`${name}: ${waiting.length} wait`} aside=${`${open.length} of ${limit} places are taken`}><${WaitingRows} waiting=${waiting} /><//>`}<//>`;
}

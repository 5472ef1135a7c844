import { useAnswer } from '../../state/ask-query.ts';
import type { Job, Project, Schedule } from '../../state/documents.ts';
import { at, href, query } from '../../state/place.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { Facts, PageHead, Section, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { ScheduleRows } from '../../ui/views/schedule-rows.ts';
import { JobTable } from '../jobs/job-rows.ts';
import { type OpenAndWaiting, useProposals, WaitingRows } from '../patches/waiting-rows.ts';
import { FlakyTests } from './flaky-tests.ts';
import { ProjectSettings } from './project-settings.ts';
import { ProjectTrend } from './project-trend.ts';
import { ProjectWebhooks } from './project-webhooks.ts';
import { RecipeMatrix } from './recipe-matrix.ts';
import { RecipeOrigin } from './recipe-origin.ts';

export function Page({ params }: { params: { name: string } }): Drawn {
  const answer = useAnswer<{ project: Project }>(`/projects/${encodeURIComponent(params.name)}`, ['project']);
  return html`<${Answered} answer=${answer}>${({ project }: { project: Project }) => html`<${OneProject} project=${project} reload=${answer.reload} />`}<//>`;
}

function OneProject({ project, reload }: { project: Project; reload: () => void }): Drawn {
  const tab = query.value.get('tab') ?? 'now';
  return html`<${PageHead} title=${project.name} lead=${html`<span class="mono small">${project.git_url}</span> ${project.enabled === false && html`<span class="badge warn">switched off</span>`}`}>
      <a class="button" href=${href(`/findings?project=${encodeURIComponent(project.name)}`)}>Findings</a><a class="button" href=${href(`/jobs?project=${encodeURIComponent(project.name)}`)}>Jobs</a>
    <//>
    <${Tabs} tabs=${[['now', 'Now'], ['trends', 'Trends'], ['tests', 'Tests'], ['schedules', 'Schedules'], ['patches', 'Patches'], ['webhooks', 'Webhooks'], ['settings', 'Settings']]} />
    ${tab === 'now' && html`<${Now} project=${project} />`}
    ${tab === 'trends' && html`<${ProjectTrend} name=${project.name} />`}
    ${tab === 'tests' && html`<${FlakyTests} name=${project.name} />`}
    ${tab === 'schedules' && html`<${Schedules} name=${project.name} />`}
    ${tab === 'patches' && html`<${Proposals} name=${project.name} />`}
    ${tab === 'webhooks' && html`<${ProjectWebhooks} name=${project.name} />`}
    ${tab === 'settings' && html`<${ProjectSettings} project=${project} reload=${reload} />`}`;
}

function Now({ project }: { project: Project }): Drawn {
  const jobs = useAnswer<{ jobs: readonly Job[] }>(`/jobs?limit=10&project=${encodeURIComponent(project.name)}`, [
    'job',
  ]);
  const open = new URLSearchParams({ limit: '100', project: project.name, status: 'queued,running,parsing' });
  const underWay = useAnswer<{ jobs: readonly Job[] }>(at.value === null ? `/jobs?${open}` : null, ['job']);
  return html`<${RecipeOrigin} project=${project} /><${Section} title="Recipes" aside="last result on its default branch, time against the median, open findings"><${RecipeMatrix} project=${project} underWay=${underWay.data?.jobs ?? []} /><//>
    <${Section} title="Latest jobs"><${Answered} answer=${jobs}>${({ jobs: list }: { jobs: readonly Job[] }) => (list.length === 0 ? html`<${EmptyState} title="Nothing has run yet">Press a recipe above.<//>` : html`<${JobTable} jobs=${list} project=${false} />`)}<//><//>
    <${Section} title="Facts"><${Facts} facts=${[
      ['Team', project.owner],
      ['Branch', html`<code>${project.default_branch}</code>`],
      ['Languages', (project.languages ?? []).join(', ')],
      ['Registered', html`<${Ago} at=${project.created_at} />`],
      ['Changed', html`<${Ago} at=${project.updated_at} />`],
      [
        'Forge',
        project.forge_access
          ? project.forge_access.granted
            ? `${project.forge_access.forge}, ${project.forge_access.repository}`
            : project.forge_access.reason
          : 'none is set up',
      ],
    ]} /><//>`;
}

function Schedules({ name }: { name: string }): Drawn {
  const answer = useAnswer<{ schedules: readonly Schedule[] }>(
    `/schedules?limit=100&project=${encodeURIComponent(name)}`,
    ['schedule', 'job', 'project'],
  );
  return html`<section class="panel"><${Answered} answer=${answer}>${({ schedules }: { schedules: readonly Schedule[] }) => html`<${ScheduleRows} schedules=${schedules} reload=${answer.reload} project=${false} />`}<//></section>`;
}

function Proposals({ name }: { name: string }): Drawn {
  const answer = useProposals(name);
  return html`<${Answered} answer=${answer}>${({ limit, open, waiting }: OpenAndWaiting) => html`
    <${Section} title="Open" aside=${`${open.length} of ${limit} places are taken`}>${open.length === 0 ? html`<${EmptyState} title="Nothing is open" />` : html`<ul class="list">${open.map((one) => html`<li key=${one.id}><${StatusBadge} of=${one.status} /><a class="grow" href=${href(`/patches/${encodeURIComponent(one.id)}`)}>${one.title ?? `Attempt ${one.attempt_number}`}</a><span class="small muted"><${Ago} at=${one.updated_at} /></span></li>`)}</ul>`}<//>
    <${Section} title="Waits, with the reason"><${WaitingRows} waiting=${waiting} /><//>`}<//>`;
}

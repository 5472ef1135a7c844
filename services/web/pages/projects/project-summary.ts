import { useAnswer } from '../../state/ask-query.ts';
import { href } from '../../state/place.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { HowToRegister } from '../../ui/how-to-register.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { Sparkline } from '../../ui/views/charts.ts';

type Last = { readonly job_id: string; readonly status: string; readonly at: string };
type Row = {
  readonly name: string;
  readonly team: string;
  readonly enabled: boolean;
  readonly open: number;
  readonly open_by_severity: Readonly<Record<string, number>>;
  readonly open_by_day: readonly number[];
  readonly recipes: readonly { readonly recipe: string; readonly status: string; readonly jobs: readonly Last[] }[];
  readonly last_job: Last | null;
  readonly open_patches: number;
};

/** One row a project: how its recipes stand, what is open over 30 days, what ran last. One call for all. */
export function ProjectSummary(): Drawn {
  const answer = useAnswer<{ projects: readonly Row[] }>('/summary', ['job', 'finding', 'project', 'patch']);
  return html`<section class="panel" aria-label="Projects"><${Answered} answer=${answer}>${({
    projects,
  }: {
    projects: readonly Row[];
  }) =>
    projects.length === 0
      ? html`<${EmptyState} title="There is no project yet"><${HowToRegister} /><//>`
      : html`<table class="stack"><thead><tr><th>Project</th><th>Recipes</th><th class="number">Open findings</th><th>30 days</th><th class="number">Patches</th><th>Last run</th></tr></thead><tbody>${projects.map((one) => html`<${ProjectRow} key=${one.name} one=${one} />`)}</tbody></table>`}<//></section>`;
}

function ProjectRow({ one }: { one: Row }): Drawn {
  const name = encodeURIComponent(one.name);
  return html`<tr class="linked"><td class="main"><a href=${href(`/projects/${name}`)}><strong>${one.name}</strong></a>${!one.enabled && html` <span class="badge quiet">off</span>`}</td>
    <td><span class="dots">${inOrder(one.recipes).map(({ recipe, status }) => html`<a href=${href(`/jobs?project=${name}&recipe=${recipe}`)} title=${recipe} class="row recipe-state"><span class="small muted">${recipe}</span><${StatusBadge} of=${status} /></a>`)}</span></td>
    <td class="number" data-label="open"><a href=${href(`/findings?project=${name}`)}>${one.open.toLocaleString('en')}</a></td>
    <td><${Sparkline} values=${one.open_by_day} label=${`Open findings over 30 days: from ${one.open_by_day[0] ?? 0} to ${one.open}`} /></td>
    <td class="number" data-label="patches">${one.open_patches > 0 ? html`<a href=${href(`/patches?project=${name}`)}>${one.open_patches}</a>` : '–'}</td>
    <td class="tight">${one.last_job ? html`<a href=${href(`/jobs/${one.last_job.job_id}`)}><${Ago} at=${one.last_job.at} /></a>` : html`<span class="faint">never</span>`}</td></tr>`;
}

const order = ['build', 'test', 'lint', 'audit'];
const inOrder = (recipes: Row['recipes']) =>
  [...recipes].sort((a, b) => order.indexOf(a.recipe) - order.indexOf(b.recipe));

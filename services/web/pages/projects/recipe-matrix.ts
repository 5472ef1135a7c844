import { durationWords } from '../../rules/time-words.ts';
import { useAnswer } from '../../state/ask-query.ts';
import type { Job, Project, Subproject } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';

const recipes = ['build', 'test', 'lint', 'audit'] as const;

type Cell = {
  readonly subproject: string;
  readonly recipe: string;
  readonly status: string;
  readonly job_id: string | null;
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  readonly median_ms: number | null;
  readonly failing_since: string | null;
  readonly last_green_job: string | null;
  readonly open: number;
  readonly new_open: number;
};

/** Subprojects down, recipes across: how each ran last, how long against its median, and a button to run it. */
export function RecipeMatrix({ project, underWay }: { project: Project; underWay: readonly Job[] }): Drawn {
  const answer = useAnswer<{ cells: readonly Cell[] }>(`/projects/${encodeURIComponent(project.name)}/matrix`, [
    ...['job', 'finding', 'project'],
  ]);
  const subprojects = project.subprojects ?? [];
  if (subprojects.length === 0)
    return html`<${EmptyState} title="It has no subprojects">Add some in its settings: a path, a language, and a command a recipe.<//>`;
  const used = recipes.filter((recipe) => subprojects.some((one) => typeof one[recipe] === 'string'));
  return html`<${Answered} answer=${answer}>${({ cells }: { cells: readonly Cell[] }) => {
    const places = new Map(cells.map((cell) => [placeOf(cell), cell]));
    const running = new Map(underWay.map((job) => [placeOf(job), job]));
    return html`<div class="scroll-x" tabindex="0" role="region" aria-label="Recipes of each subproject"><table class="matrix"><thead><tr><th>Subproject</th>${used.map((recipe) => html`<th>${recipe}</th>`)}</tr></thead>
    <tbody>${subprojects.map(
      (one) =>
        html`<tr key=${one.path}><th scope="row"><strong>${one.path === '.' ? 'root' : one.path}</strong><div class="muted">${one.language}</div></th>${used.map(
          (recipe) => {
            const cell = places.get(placeOf({ subproject: one.path, recipe }));
            return html`<td>${cell ? html`<${CellView} project=${project.name} cell=${cell} job=${running.get(placeOf(cell))} reload=${answer.reload} />${foundIn(one, recipe)}` : html`<span class="faint">–</span>`}</td>`;
          },
        )}</tr>`,
    )}</tbody></table></div>`;
  }}<//>`;
}

const placeOf = ({ subproject, recipe }: { subproject: string; recipe: string }): string => `${recipe} ${subproject}`;

/** The file of the repository in which a command was found. */
function foundIn({ found_in: found }: Subproject, recipe: string): Drawn {
  const file = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[recipe] : undefined;
  return typeof file === 'string' && html`<div class="small faint">from ${file}</div>`;
}

/** How a recipe stands on the default branch; `job`: one of it that waits or runs. */
function CellView({
  project,
  cell,
  job,
  reload,
}: {
  project: string;
  cell: Cell;
  job: Job | undefined;
  reload: () => void;
}): Drawn {
  const { subproject, recipe, status, job_id, duration_ms, median_ms, open, new_open } = cell;
  const slower = duration_ms && median_ms && median_ms > 500 ? Math.round((duration_ms / median_ms - 1) * 100) : 0;
  const findings = new URLSearchParams({ project, subproject, recipe });
  return html`<div class="cell">${job_id === null ? html`<span class="faint">never ran</span>` : html`<a href=${href(`/jobs/${job_id}`)}><${StatusBadge} of=${status} /></a>`}${job && html` <a href=${href(`/jobs/${job.job_id}`)}><${StatusBadge} of=${job.status} /></a>`}
    ${duration_ms !== null && html`<span class="small muted">${durationWords(duration_ms)}${Math.abs(slower) >= 25 && html` <span class=${slower > 0 ? 'warn-text' : 'good-text'} title=${`Its median is ${durationWords(median_ms)}`}>${slower > 0 ? '+' : '−'}${Math.abs(slower)} %</span>`}</span>`}
    ${cell.failing_since && html`<span class="small muted">failing since <${Ago} at=${cell.failing_since} />${cell.last_green_job && html`, <a href=${href(`/jobs/${cell.last_green_job}`)}>passed last</a>`}</span>`}
    <span class="small">${open > 0 && html`<a href=${href(`/findings?${findings}`)}>${open} open</a>`}${new_open > 0 && html` <span class="bad-text">${new_open} new</span>`}</span>
    <${ActionButton} label="Run" path=${`/projects/${encodeURIComponent(project)}/jobs`} body=${{ recipe, subproject }} scope="run" done=${`${recipe} of ${subproject} waits`} after=${reload} /></div>`;
}

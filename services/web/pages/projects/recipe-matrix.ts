import { durationWords } from '../../rules/time-words.ts';
import type { Job, Project, Subproject } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { EmptyState } from '../../ui/messages.ts';

const recipes = ['build', 'test', 'lint', 'audit'] as const;

const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
};

/** Subprojects down, recipes across: how each ran last, how long against its median, and a button to run it. */
export function RecipeMatrix({
  project,
  jobs,
  reload,
}: {
  project: Project;
  jobs: readonly Job[];
  reload: () => void;
}): Drawn {
  const subprojects = project.subprojects ?? [];
  if (subprojects.length === 0)
    return html`<${EmptyState} title="It has no subprojects">Add some in its settings: a path, a language, and a command a recipe.<//>`;
  const used = recipes.filter((recipe) => subprojects.some((one) => typeof one[recipe] === 'string'));
  return html`<div class="scroll-x" tabindex="0" role="region" aria-label="Recipes of each subproject"><table class="matrix"><thead><tr><th>Subproject</th>${used.map((recipe) => html`<th>${recipe}</th>`)}</tr></thead>
    <tbody>${subprojects.map((one) => html`<tr key=${one.path}><th scope="row"><strong>${one.path === '.' ? 'root' : one.path}</strong><div class="muted">${one.language}</div></th>${used.map((recipe) => html`<td>${typeof one[recipe] === 'string' ? html`<${Cell} project=${project.name} subproject=${one.path} recipe=${recipe} jobs=${jobs.filter((job) => job.subproject === one.path && job.recipe === recipe)} reload=${reload} />${foundIn(one, recipe)}` : html`<span class="faint">–</span>`}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** The file of the repository in which a command was found. */
function foundIn({ found_in: found }: Subproject, recipe: string): Drawn {
  const file = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[recipe] : undefined;
  return typeof file === 'string' && html`<div class="small faint">from ${file}</div>`;
}

function Cell({
  project,
  subproject,
  recipe,
  jobs,
  reload,
}: {
  project: string;
  subproject: string;
  recipe: string;
  jobs: readonly Job[];
  reload: () => void;
}): Drawn {
  const [last] = jobs;
  const usual = median(jobs.slice(1).flatMap(({ duration_ms }) => (duration_ms === null ? [] : [duration_ms])));
  const slower = last?.duration_ms && usual && usual > 500 ? Math.round((last.duration_ms / usual - 1) * 100) : 0;
  const run = html`<${ActionButton} label="Run" path=${`/projects/${encodeURIComponent(project)}/jobs`} body=${{ recipe, subproject }} scope="run" done=${`${recipe} of ${subproject} waits`} after=${reload} />`;
  if (!last) return html`<div class="cell"><span class="faint">never ran</span>${run}</div>`;
  return html`<div class="cell"><a href=${href(`/jobs/${last.job_id}`)}><${StatusBadge} of=${last.status} /></a>
    <span class="small muted">${durationWords(last.duration_ms)}${Math.abs(slower) >= 25 && html` <span class=${slower > 0 ? 'warn-text' : 'good-text'}>${slower > 0 ? '+' : '−'}${Math.abs(slower)} %</span>`}</span>
    <span class="small">${last.findings_count > 0 && html`<a href=${href(`/jobs/${last.job_id}?tab=findings`)}>${last.findings_count} open</a>`}${last.new_findings_count > 0 && html` <span class="bad-text">+${last.new_findings_count} new</span>`}</span>${run}</div>`;
}

import type { RecipeName } from '../../events/fields.ts';
import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { RecipeRun } from '../../projections/jobs/recipe-runs.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { RecipeSourceDoc } from '../../projections/projects/recipe-sources.ts';
import type { Queries } from '../projector/read-models.ts';
import type { VersionDeps } from './read-version.ts';
import { changedRecipes } from './rules/changed-recipes.ts';
import type { Canary, ComparedRun, RunEnd } from './rules/judge-canaries.ts';
import { recipesOf, wantedVersions } from './wanted-recipes.ts';

/** Ends that say nothing of the recipe. */
const ofTheWorld: ReadonlySet<string> = new Set([
  'cancelled',
  'orphaned',
  'workspace_failed',
  'runner_lost',
  'sandbox_missing',
  'remote_unavailable',
]);

type Facts = { readonly query: () => Queries; readonly deps: VersionDeps };

/** How the newest version of a source did on each canary, beside the version that production has. */
export async function canaryFacts(source: RecipeSourceDoc, { query, deps }: Facts): Promise<Canary[]> {
  const canaries = query()
    .recipeSources.using(source.id)
    .filter(({ enabled, tier }) => enabled && tier === 'canary');
  return Promise.all(canaries.map((project) => factsOf(project, source, { query, deps })));
}

async function factsOf(project: ProjectDoc, source: RecipeSourceDoc, { query, deps }: Facts): Promise<Canary> {
  const newest = source.versions[0];
  const pin = query().recipeSources.pin(project.name, source.id);
  const refused = project.recipes_refused;
  const isRefused = refused?.source === source.id && refused.sha === newest?.sha;
  const has = pin !== undefined && pin.digest === newest?.digest;
  const uses = (project.recipe_sources ?? []).filter((use) => use.source === source.id);
  return {
    project: project.name,
    has,
    refused: isRefused ? (refused.faults[0]?.message ?? 'it cannot be taken') : null,
    documents: uses.map(({ document }) => document),
    runs: has && !isRefused ? await comparedRuns(project, { source, since: pin.since_seq }, { query, deps }) : [],
  };
}

type Since = { readonly source: RecipeSourceDoc; readonly since: number };

/** The recipes that the version changes on a canary, and how they ran before it and with it. */
async function comparedRuns(project: ProjectDoc, { source, since }: Since, { query, deps }: Facts) {
  const old = new Map([[source.id, source.production ?? '']]);
  const wanted = wantedVersions(project, query(), old);
  if (wanted === null || wanted.missing !== null) return [];
  const before = await recipesOf(project, wanted.versions, deps);
  if (before.faults !== null) return [];
  return changedRecipes(before.subprojects, project.subprojects)
    .filter(({ after }) => after !== null)
    .map(({ subproject, recipe }) => comparedRun({ project: project.name, subproject, recipe }, since, query()));
}

type Place = { readonly project: string; readonly subproject: string; readonly recipe: RecipeName };

function comparedRun(place: Place, since: number, query: Queries): ComparedRun {
  const runs = query.recipeRuns
    .runs(place.project, place.subproject, place.recipe)
    .filter(({ reason }) => !ofTheWorld.has(reason));
  const [was, is] = [runs.findLast(({ seq }) => seq < since), runs.findLast(({ seq }) => seq > since)];
  const wasRead = was !== undefined && isRead(jobOf(was, query));
  const silent = is !== undefined && wasRead && !isRead(jobOf(is, query));
  return {
    ...place,
    before: was ? { job_id: was.job_id, ended: endOf(was) } : null,
    after: is ? { job_id: is.job_id, ended: silent && endOf(is) !== 'broken' ? 'silent' : endOf(is) } : null,
  };
}

function endOf({ passed, reason }: RecipeRun): RunEnd {
  if (passed === 1) return 'passed';
  return reason === 'exited' ? 'failed' : 'broken';
}

function jobOf({ job_id }: RecipeRun, query: Queries): JobDoc | null {
  const found = query.jobs.find(job_id);
  return found ? JSON.parse(found.doc) : null;
}

/** Whether a tool said all that it had to say, and it was understood. */
function isRead(job: JobDoc | null): boolean {
  return job?.tools.some(({ tool, complete }) => complete && tool !== 'generic') ?? false;
}

import { recipeNames } from '../../events/fields.ts';
import type { Subproject } from '../../events/projects/project.ts';
import type { FindingDoc } from '../../projections/findings/findings.ts';
import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { RecipeSourceDoc } from '../../projections/projects/recipe-sources.ts';
import type { Fault } from '../floor/app-error.ts';
import type { Queries } from '../projector/read-models.ts';
import { movesBetween } from '../projects/rules/moved-subprojects.ts';
import type { VersionDeps } from './read-version.ts';
import { type ChangedRecipe, changedRecipes } from './rules/changed-recipes.ts';
import { type FindingsChange, findingsChange } from './rules/compare-findings-of.ts';
import { recipesOf, wantedVersions } from './wanted-recipes.ts';

/** What a version would change for a project. */
export type ProjectRehearsal = {
  readonly project: string;
  readonly tier: 'canary' | 'production';
  /** The version that it has now; null for none. */
  readonly from: string | null;
  /** Why it could not take it; empty where it could. */
  readonly faults: Fault[];
  /** Subprojects that would have another path, with their findings. */
  readonly moved: { readonly from: string; readonly to: string }[];
  readonly recipes: (ChangedRecipe & { readonly findings: FindingsChange })[];
};

const mostJobs = 200;
const pageOf = 500;
const mostPages = 10;

/** What giving a project a version of a source would change, by what is stored: nothing is run, and nothing is appended. */
export async function rehearse(
  project: ProjectDoc,
  source: RecipeSourceDoc,
  sha: string,
  { query, deps }: { readonly query: () => Queries; readonly deps: VersionDeps },
): Promise<ProjectRehearsal> {
  const from = query().recipeSources.pin(project.name, source.id)?.sha ?? null;
  const base = { project: project.name, tier: project.tier ?? ('production' as const), from };
  const refused = (faults: readonly Fault[]) => ({ ...base, faults: [...faults], moved: [], recipes: [] });
  const wanted = wantedVersions(project, query(), new Map([[source.id, sha]]));
  if (wanted === null) return refused([{ path: '', message: 'another source of it has no version yet' }]);
  if (wanted.missing !== null) return refused([{ path: '', message: `it may not name the source ${wanted.missing}` }]);
  const read = await recipesOf(project, wanted.versions, deps);
  if (read.faults !== null) return refused(read.faults);
  const after = { ...project, subprojects: read.subprojects };
  const { moved = [] } = movesBetween(project, after);
  // What moves is compared with what it was under its old path: the findings go with it.
  const before = project.subprojects.map((one) => ({
    ...one,
    path: moved.find((m) => m.from === one.path)?.to ?? one.path,
  }));
  const was = (path: string) => moved.find(({ to }) => to === path)?.from ?? path;
  const changes = changedRecipes(before, read.subprojects);
  const staying = stayingFindings(project, { changes, after: read.subprojects, was }, query());
  const recipes = changes.map((change) => {
    const place = { project: project.name, subproject: was(change.subproject), recipe: change.recipe };
    const open = query().findings.openOf(place.project, place.subproject, place.recipe);
    const known = change.after === null ? null : knownRun(place, change.after, query());
    const findings = findingsChange({ open, known, elsewhere: staying, stays: change.after !== null });
    return { ...change, findings };
  });
  return { ...base, faults: [], moved, recipes };
}

type Staying = {
  readonly changes: readonly ChangedRecipe[];
  readonly after: readonly Subproject[];
  readonly was: (path: string) => string;
};

/** The open findings of recipes that are there before and after. */
function stayingFindings({ name }: ProjectDoc, { changes, after, was }: Staying, query: Queries): FindingDoc[] {
  if (!changes.some((change) => change.after === null)) return [];
  return after.flatMap((one) =>
    recipeNames
      .filter((recipe) => one[recipe] !== undefined)
      .flatMap((recipe) => query.findings.openOf(name, was(one.path), recipe)),
  );
}

type Place = Pick<JobDoc, 'project' | 'subproject'> & { readonly recipe: ChangedRecipe['recipe'] };

/** What the newest run of this very command in this place saw, where all of its output was understood. */
function knownRun(place: Place, command: string, query: Queries) {
  const runs = query.jobs.between(place, [0, Number.MAX_SAFE_INTEGER], mostJobs);
  const run = runs.find(
    (job) =>
      job.command === command &&
      (job.status === 'succeeded' || job.status === 'failed') &&
      job.tools.length > 0 &&
      job.tools.every(({ complete }) => complete),
  );
  if (!run) return null;
  const ids = new Set<number>();
  for (let after = -1, page = 0; ; page += 1) {
    const rows = query.occurrences.page(run.job_id, after, pageOf);
    for (const { doc } of rows) ids.add(doc.finding_id);
    const last = rows.at(-1);
    if (!last || rows.length < pageOf) break;
    // More than can be compared one by one.
    if (page > mostPages) return null;
    after = last.ordinal;
  }
  return { job_id: run.job_id, saw: [...ids].flatMap((id) => query.findings.find(id) ?? []) };
}

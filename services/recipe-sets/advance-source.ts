import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { RecipeSourceDoc } from '../../projections/projects/recipe-sources.ts';
import { isAppError } from '../floor/app-error.ts';
import { appendOnce } from '../io/event-log.ts';
import { enqueueJobs } from '../jobs/rules/enqueue-jobs.ts';
import { derivedJobId } from '../jobs/rules/job-id.ts';
import { type DecisionDeps, decisionOn } from '../projector/decision.ts';
import type { Queries } from '../projector/read-models.ts';
import { canaryFacts } from './canary-facts.ts';
import type { VersionDeps } from './read-version.ts';
import { type Canary, judgeCanaries } from './rules/judge-canaries.ts';
import { type NextStep, nextStep } from './rules/rollout-step.ts';
import { maySource } from './wanted-recipes.ts';

type AdvanceDeps = DecisionDeps & VersionDeps;

/** Who decides where nobody does. */
const rolloutName = 'farm';

/**
 * Takes the newest version of a source one step further, where the rule says so: one event, which no hold of the same moment
 * is overtaken by. Asks for the runs of canaries that are still missing.
 */
export async function advanceSource(id: string, deps: AdvanceDeps): Promise<void> {
  const known = deps.models.query().recipeSources.find(id);
  if (known === undefined || !isOpen(known)) return;
  const decision = await decisionOn('RecipeRolloutDecided', id, deps);
  const source = decision.query().recipeSources.find(id);
  if (source === undefined) return;
  const { next, canaries } = await stepOf(source, decision.query, deps);
  if (next.does === 'decide') {
    const { step, sha, reason, runs } = next;
    const named = { source: id, owner: source.owner, step, sha, from: source.production };
    await decision.tryAppend({ ...named, by: rolloutName, reason, runs: [...runs].slice(0, 64) });
  } else await askForRuns(source, canaries, deps);
}

/** What follows for a source, and the canaries on which that was judged. */
export async function stepOf(
  source: RecipeSourceDoc,
  query: () => Queries,
  deps: VersionDeps,
): Promise<{ readonly next: NextStep; readonly canaries: readonly Canary[] }> {
  const canaries = hasNewest(source, source.canary) ? await canaryFacts(source, { query, deps }) : [];
  const changed = changedDocuments(source, query());
  return { next: nextStep({ source, verdict: () => judgeCanaries(canaries, changed) }), canaries };
}

/** Whether a version is on its way. */
function isOpen(source: RecipeSourceDoc): boolean {
  const { versions, canary, production } = source;
  return versions.length > 0 && !(hasNewest(source, canary) && hasNewest(source, production));
}

/** Whether a version holds the same documents as the newest one. */
function hasNewest({ versions }: RecipeSourceDoc, sha: string | null): boolean {
  return sha !== null && versions.find((one) => one.sha === sha)?.digest === versions[0]?.digest;
}

/** The documents that differ from production's, as far as a project outside the canaries names them. */
function changedDocuments(source: RecipeSourceDoc, query: Queries): string[] {
  const hashes = (sha: string | null) =>
    new Map(source.versions.find((one) => one.sha === sha)?.documents.map((one) => [one.name, one.sha256]));
  const [before, after] = [hashes(source.production), hashes(source.versions[0]?.sha ?? null)];
  const named = query.recipeSources
    .using(source.id)
    .filter(({ enabled, tier, owner }) => enabled && tier !== 'canary' && maySource(source, owner))
    .flatMap(({ recipe_sources: uses = [] }) => uses.filter((use) => use.source === source.id))
    .map(({ document }) => document);
  return [...new Set(named)].filter((name) => before.get(name) !== after.get(name)).sort();
}

/** Each changed recipe of a canary runs once with the new version, at the head of its branch. */
async function askForRuns(source: RecipeSourceDoc, canaries: readonly Canary[], deps: AdvanceDeps): Promise<void> {
  for (const { project: name, runs } of canaries) {
    for (const { recipe, subproject, after } of runs) {
      const query = deps.models.query();
      const project = query.projects.find(name);
      const since = query.recipeSources.pin(name, source.id)?.since_seq;
      if (after !== null || !project || since === undefined) continue;
      const jobId = nextTry(`${name}.recipes.${since}`, { recipe, subproject }, query);
      if (jobId === null) continue;
      const newId = () => jobId;
      const jobs = orNone(() => enqueueJobs(project, { recipe, subproject }, { by: rolloutName, newId }));
      for (const data of jobs)
        await appendOnce(
          deps.log,
          { type: 'JobEnqueued', id: data.job_id, data: { ...data, purpose: 'scheduled' } },
          { expect: 0 },
        );
    }
  }
}

const mostTries = 5;
/** Ends of a run that another run may not come to. */
const lost: ReadonlySet<string> = new Set(['orphaned', 'runner_lost', 'workspace_failed', 'remote_unavailable']);

/** The id of the run to ask for; null while one is under way, or after one that ended by itself. */
function nextTry(id: string, { recipe, subproject }: Pick<JobDoc, 'recipe' | 'subproject'>, query: Queries) {
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const jobId = derivedJobId(attempt === 0 ? id : `${id}.${attempt}`, recipe, subproject);
    const found = query.jobs.find(jobId);
    if (!found) return jobId;
    const { reason, status }: JobDoc = JSON.parse(found.doc);
    if (status !== 'failed' || reason === null || !lost.has(reason)) return null;
  }
  return null;
}

/** A recipe that went meanwhile asks for nothing. */
function orNone<T>(make: () => T[]): T[] {
  try {
    return make();
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

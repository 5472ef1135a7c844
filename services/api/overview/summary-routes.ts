import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import type { GroupRow } from '../../../projections/findings/finding-groups.ts';
import type { RecipeStanding } from '../../../projections/jobs/recipe-runs.ts';
import { nameOf, type ProjectDoc } from '../../../projections/projects/projects.ts';
import { runningFields } from '../../documents/status-answer.ts';
import { At, isPast, type View, viewAt } from '../answers/ready-answer.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type RouteDeps, type Routes, success } from '../define.ts';
import { nextScheduled, rememberedSlots, runningJobs, shownJobs } from '../status/status-facts.ts';
import { seenProjects } from './seen-projects.ts';

const days = 30;
const dayMs = 86_400_000;
const Count = Type.Integer({ minimum: 0 });

const ProjectSummary = Type.Object(
  {
    name: Type.String(),
    team: Type.String(),
    enabled: Type.Boolean(),
    status: Type.String({ description: 'failing, passing, or unknown: of the last run of each recipe, the worst' }),
    open: Count,
    new_open: Type.Integer({ minimum: 0, description: 'of these, not seen before the last run of their recipe' }),
    open_by_severity: Type.Record(Type.String(), Count),
    open_by_day: Type.Array(Count, {
      description: `open findings at the end of each of ${days} days (UTC), today last`,
    }),
    recipes: Type.Array(
      Type.Object({ recipe: Type.String(), status: Type.String(), failing_since: nullable(Type.String()) }),
      { description: 'over all subprojects, the worst' },
    ),
    last_job: nullable(Type.Object({ job_id: Type.String(), status: Type.String(), at: Type.String() })),
    queued: Count,
    running: Count,
    open_patches: Count,
    next_run: nullable(Type.String()),
  },
  { title: 'ProjectSummary' },
);
const Running = Type.Object(runningFields, { title: 'RunningJob' });

/** All projects at a glance, in one call, and what runs. */
export const summaryRoutes: Routes = (app, deps) => {
  const nextSlot = rememberedSlots();
  app.get(
    '/summary',
    {
      schema: {
        summary:
          'Each of your projects in a line: how it stands, what is open, its trend of 30 days, its last and next run',
        querystring: Type.Object({ at: At }),
        response: { 200: success({ projects: Type.Array(ProjectSummary), running: Type.Array(Running) }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      const projects = seenProjects(view, caller);
      const names = new Set(projects.map(({ name }) => name));
      const nowMs = await momentOf(view, deps);
      const running = isPast(view) ? [] : runningJobs(deps).filter(({ job }) => names.has(job.project));
      const facts = {
        ...factsOf(projects, { view, caller, today: new Date(nowMs).toISOString().slice(0, 10) }),
        running: countBy(running, ({ job }) => job.project),
        queued: isPast(view) ? new Map<string, number>() : queuedOf(caller, deps),
        next: isPast(view) ? new Map<string, string>() : nextRuns(caller, { nowMs, nextSlot }, deps),
      };
      return {
        ok: true as const,
        projects: projects.map((project) => summaryOf(project, facts)),
        running: shownJobs(running, null, nowMs),
      };
    },
  );
};

/** The time of a view: that of its last event, or now. */
export async function momentOf(view: View, { log, clock }: RouteDeps): Promise<number> {
  if (!isPast(view)) return clock.now();
  const event = await log.at(view.until);
  return event ? Date.parse(event.time) : clock.now();
}

function countBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}

function queuedOf({ owner }: Caller, { models }: RouteDeps): Map<string, number> {
  const queued = new Map<string, number>();
  for (const { project, jobs } of models.query().jobs.waiting(owner, 1_000))
    queued.set(project, (queued.get(project) ?? 0) + jobs);
  return queued;
}

function nextRuns(
  { owner }: Caller,
  when: { nowMs: number; nextSlot: ReturnType<typeof rememberedSlots> },
  deps: RouteDeps,
): Map<string, string> {
  const next = new Map<string, string>();
  for (const { project, at } of nextScheduled(owner, { ...when, most: 1_000 }, deps))
    if (!next.has(project)) next.set(project, at);
  return next;
}

type Open = GroupRow & { n: number };
type Facts = ReturnType<typeof factsOf> & {
  readonly running: ReadonlyMap<string, number>;
  readonly queued: ReadonlyMap<string, number>;
  readonly next: ReadonlyMap<string, string>;
};

/** What the read models know of these projects, each asked once. */
function factsOf(
  projects: readonly ProjectDoc[],
  { view, caller, today }: { view: View; caller: Caller; today: string },
) {
  const { findingSearch, recipeRuns, trends, jobs, patches } = view.models.query();
  const names = projects.map(({ name }) => name);
  const first = new Date(Date.parse(`${today}T00:00:00Z`) - (days - 1) * dayMs).toISOString().slice(0, 10);
  const search = { owner: caller.owner, among: caller.projects, of: { state: ['open'] } };
  const grouped: Open[] = findingSearch.grouped(search);
  return {
    today,
    open: Map.groupBy(grouped, ({ project }) => String(project)),
    standings: Map.groupBy(recipeRuns.standings(names), ({ latest }) => latest.project),
    moves: Map.groupBy(trends.movesSince(names, first), ({ project }) => project),
    newest: new Map(jobs.newestOf(names).map((job) => [job.project, job])),
    proposals: countBy(patches.allOpen(), ({ project }) => project),
  };
}

function summaryOf(project: ProjectDoc, facts: Facts) {
  const { name, owner, enabled } = project;
  const groups = facts.open.get(name) ?? [];
  const open_by_severity: Record<string, number> = {};
  for (const { severity, n } of groups)
    open_by_severity[String(severity)] = (open_by_severity[String(severity)] ?? 0) + n;
  const sum = (some: readonly Open[]) => some.reduce((total, { n }) => total + n, 0);
  const recipes = recipesOf(facts.standings.get(name) ?? []);
  const job = facts.newest.get(name);
  return {
    name: nameOf(project),
    team: owner,
    enabled,
    status: recipes.some(({ status }) => status === 'failing') ? 'failing' : recipes.length > 0 ? 'passing' : 'unknown',
    open: sum(groups),
    new_open: sum(groups.filter(({ is_new }) => is_new === 1)),
    open_by_severity,
    open_by_day: openByDay(sum(groups), facts.moves.get(name) ?? [], facts.today),
    recipes,
    last_job: job ? { job_id: job.job_id, status: job.status, at: job.finished_at ?? job.enqueued_at } : null,
    queued: facts.queued.get(name) ?? 0,
    running: facts.running.get(name) ?? 0,
    open_patches: facts.proposals.get(name) ?? 0,
    next_run: facts.next.get(name) ?? null,
  };
}

/** Each recipe over all subprojects: failing where it fails in one. */
function recipesOf(standings: readonly RecipeStanding[]) {
  const byRecipe = Map.groupBy(standings, ({ latest }) => latest.recipe);
  return [...byRecipe].map(([recipe, them]) => {
    const since = them.flatMap(({ failing_since }) => failing_since?.ended_at ?? []).sort();
    return { recipe, status: since.length > 0 ? 'failing' : 'passing', failing_since: since[0] ?? null };
  });
}

/** Counted backwards from what is open now. */
function openByDay(now: number, moves: readonly { day: string; net: number }[], today: string): number[] {
  const byDay = new Map(moves.map((one) => [one.day, one.net]));
  const counts: number[] = [];
  let open = now;
  for (let back = 0; back < days; back += 1) {
    counts.unshift(Math.max(0, open));
    open -= byDay.get(new Date(Date.parse(`${today}T00:00:00Z`) - back * dayMs).toISOString().slice(0, 10)) ?? 0;
  }
  return counts;
}

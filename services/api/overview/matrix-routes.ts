import { Type } from '@sinclair/typebox';
import { nullable, recipeNames } from '../../../events/fields.ts';
import type { Counted } from '../../../projections/findings/finding-search.ts';
import type { RecipeStanding } from '../../../projections/jobs/recipe-runs.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { spikesIn } from '../../findings/rules/trend-spikes.ts';
import { At, viewAt } from '../answers/ready-answer.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { ownProject } from '../projects/project-routes.ts';
import { momentOf } from './summary-routes.ts';

const named = Type.Object({ name: Type.String() });
const newest = Number.MAX_SAFE_INTEGER;
const dayMs = 86_400_000;

const Cell = Type.Object(
  {
    subproject: Type.String(),
    recipe: Type.String(),
    status: Type.String({ description: 'passing, failing, or never: no run spoke for the default branch yet' }),
    job_id: nullable(Type.String({ description: 'the newest run' })),
    ended_at: nullable(Type.String()),
    duration_ms: nullable(Type.Integer()),
    median_ms: nullable(Type.Integer({ description: 'of the last runs, at most 30' })),
    failing_since: nullable(Type.String()),
    last_green_job: nullable(Type.String()),
    open: Type.Integer(),
    new_open: Type.Integer(),
  },
  { title: 'MatrixCell' },
);
const Mark = Type.Object(
  {
    kind: Type.String({ description: 'release, merge, digest or spike' }),
    at: Type.String({ description: 'a time, or a date for a digest and a spike' }),
    title: Type.String(),
    entity: nullable(Type.String()),
    id: nullable(Type.String()),
  },
  { title: 'Mark' },
);

/** A project at a glance: how each of its recipes stands, and what stands out on its time line. */
export const matrixRoutes: Routes = (app, deps) => {
  app.get(
    '/projects/:name/matrix',
    {
      schema: {
        summary: 'Each subproject and recipe: its last run, its usual duration, its open and new findings',
        params: named,
        querystring: Type.Object({ at: At }),
        response: { 200: success({ cells: Type.Array(Cell) }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      const { name, subprojects } = ownProject(request.params.name, caller, view);
      const { findingSearch, recipeRuns } = view.models.query();
      const standings = recipeRuns.standings([name]);
      const search = { owner: caller.owner, among: caller.projects, of: { state: ['open'], project: [name] } };
      const groups = findingSearch.grouped(search);
      const cells = subprojects.flatMap((subproject) =>
        recipeNames
          .filter((recipe) => subproject[recipe] !== undefined)
          .map((recipe) => cellOf({ subproject: subproject.path, recipe }, standings, groups)),
      );
      return { ok: true as const, cells };
    },
  );
  app.get(
    '/projects/:name/marks',
    {
      schema: {
        summary:
          'What stands out on the time line of a project: releases by tag, merged proposals, digests, spikes of findings',
        params: named,
        querystring: Type.Object({
          days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, default: 90 })),
          at: At,
        }),
        response: { 200: success({ marks: Type.Array(Mark, { description: 'the newest first' }) }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      const { name } = ownProject(request.params.name, caller, view);
      const { jobs, patches, digests, trends } = view.models.query();
      const from = new Date((await momentOf(view, deps)) - (request.query.days ?? 90) * dayMs).toISOString();
      const page = { owner: null, project: name, status: null, before: newest, limit: 200 };
      const merged = patches.page(page).map(({ doc }) => JSON.parse(doc) as PatchDoc);
      const moves = trends.movesSince([name], from.slice(0, 10)).map(({ day: date, opened }) => ({ date, opened }));
      const marks = [
        ...jobs.tagged(name, 200).map(({ branch, at, job_id }) => ({
          ...{ kind: 'release', at, title: branch.replace(/^refs\/tags\//, '') },
          ...{ entity: 'job', id: job_id },
        })),
        ...merged.flatMap(({ id, status, title, ended_at }) =>
          status === 'merged' && ended_at !== null
            ? [{ kind: 'merge', at: ended_at, title: title ?? id, entity: 'patch', id }]
            : [],
        ),
        ...digests.dates(name, '9999', 366).map(({ date }) => ({
          ...{ kind: 'digest', at: date, title: `digest of ${date}`, entity: 'digest', id: date },
        })),
        ...spikesIn(moves).map(({ date, opened }) => ({
          ...{ kind: 'spike', at: date, title: `${opened} findings became open`, entity: null, id: null },
        })),
      ];
      const shown = marks.filter(({ at }) => at >= from.slice(0, 10)).sort((a, b) => (a.at < b.at ? 1 : -1));
      return { ok: true as const, marks: shown };
    },
  );
};

type Place = { readonly subproject: string; readonly recipe: string };

function cellOf({ subproject, recipe }: Place, standings: readonly RecipeStanding[], groups: readonly Counted[]) {
  const own = groups.filter((group) => group.subproject === subproject && group.recipe === recipe);
  const sum = (some: readonly Counted[]) => some.reduce((total, { n }) => total + n, 0);
  const standing = standings.find(({ latest }) => latest.subproject === subproject && latest.recipe === recipe);
  const { latest = null, median_ms = null, failing_since = null, last_green = null } = standing ?? {};
  return {
    subproject,
    recipe,
    status: latest === null ? 'never' : latest.passed === 1 ? 'passing' : 'failing',
    job_id: latest?.job_id ?? null,
    ended_at: latest?.ended_at ?? null,
    duration_ms: latest?.duration_ms ?? null,
    median_ms,
    failing_since: failing_since?.ended_at ?? null,
    last_green_job: last_green?.job_id ?? null,
    open: sum(own),
    new_open: sum(own.filter(({ is_new }) => is_new === 1)),
  };
}

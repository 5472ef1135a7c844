import { type Static, Type } from '@sinclair/typebox';
import { deriveEventId } from '../../../events/envelope.ts';
import { closed, nullable, Recipe, type RecipeName } from '../../../events/fields.ts';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import type { EventData } from '../../../events/registry.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { ScheduleDoc } from '../../../projections/jobs/schedules.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { storedDocument } from '../../projects/rules/stored-document.ts';
import { derivedJobs, slotId } from '../../scheduler/rules/derived-jobs.ts';
import { standingOf, unusedSlots } from '../../scheduler/rules/due-slot.ts';
import { nextSlots } from '../../scheduler/rules/slots-between.ts';
import { cursorOf, textIn } from '../answers/cursor.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { ownProject } from './project-routes.ts';

const Schedule = Type.Object(
  {
    project: Type.String(),
    recipe: Recipe,
    when: Type.String(),
    timezone: Type.String(),
    enabled: Type.Boolean(),
    catch_up: Type.String(),
    delay_secs: Type.Number({ description: 'how much later than its slots it starts: its share of jitter_secs' }),
    next_runs: Type.Array(Type.String(), { description: 'its next three slots; none while it is not enabled' }),
    last: nullable(
      Type.Object({
        slot: Type.String(),
        why: Type.String({ description: 'time, catch_up or asked' }),
        by: Type.String(),
        at: Type.String(),
        jobs: Type.Array(
          Type.Object({ job_id: Type.String(), subproject: nullable(Type.String()), status: Type.String() }),
        ),
      }),
    ),
    missed: Type.Integer({
      description: 'slots before the last run and since then that nobody used; many are not counted to the end',
    }),
  },
  { title: 'Schedule' },
);
const one = Type.Object({ project: Type.String(), recipe: Recipe });
const Answer = success({ schedule: Schedule });

/** Schedules: what runs when, and what ran last; switched on and off, and run at once. */
export const scheduleRoutes: Routes = (app, deps) => {
  const { models, clock } = deps;
  app.get(
    '/schedules',
    {
      schema: {
        summary: 'List your schedules, or all of them as admin, with their next and last runs',
        querystring: Type.Object({ ...pageQuery, project: Type.Optional(Type.String()) }),
        response: { 200: success({ schedules: Type.Array(Schedule), next_cursor: NextCursor }) },
      },
    },
    async (request) => {
      const { project = null, limit = 50, cursor } = request.query;
      const caller = callerOf(request);
      const { owner, projects: among } = caller;
      if (project !== null) ownProject(project, caller, deps);
      const found = models
        .query()
        .schedules.page({ owner, among, project, after: textIn(cursor, ''), limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        ok: true as const,
        schedules: page.map((schedule) => shownSchedule(schedule, deps)),
        next_cursor: found.length > limit && last ? cursorOf(`${last.project}/${last.recipe}`) : null,
      };
    },
  );
  for (const word of ['enable', 'disable'] as const)
    app.post(
      `/schedules/:project/:recipe/${word}`,
      {
        schema: {
          summary: word === 'enable' ? 'Use the times of a recipe again' : 'Leave the times of a recipe unused for now',
          params: one,
          body: Type.Optional(nullable(closed({}))),
          response: { 200: Answer },
        },
      },
      async (request, reply) =>
        once(request, reply, deps, async () => {
          const { project, recipe } = request.params;
          const caller = callerOf(request);
          ownSchedule(project, recipe, caller, deps);
          const seq = await switchSchedule(project, recipe, { disabled: word === 'disable', caller, deps });
          if (seq !== null) await visible(models, seq, reply, 200);
          return { ok: true as const, schedule: shownSchedule(ownSchedule(project, recipe, caller, deps), deps) };
        }),
    );
  app.post(
    '/schedules/:project/:recipe/run',
    {
      schema: {
        summary: 'Run what a schedule runs, now',
        params: one,
        body: Type.Optional(nullable(closed({}))),
        response: {
          202: success({ job_id: Type.String(), slot: Type.String(), jobs: Type.Array(Type.String()) }),
        },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async (seed) => {
        const { project: name, recipe } = request.params;
        const caller = callerOf(request);
        ownSchedule(name, recipe, caller, deps);
        const project = ownProject(name, caller, deps);
        const fired = await fireNow(project, recipe, { by: caller.name, seed, nowMs: clock.now() }, deps);
        await visible(models, fired.seq, reply, 202);
        const [first = ''] = fired.data.jobs;
        reply.code(202).header('location', `/jobs/${first}`);
        return { ok: true as const, job_id: first, slot: fired.data.slot, jobs: fired.data.jobs };
      }),
  );
};

/** A schedule that the caller may see; not there and somebody else's look the same. */
function ownSchedule(name: string, recipe: RecipeName, caller: Caller, { models }: ApiDeps): ScheduleDoc {
  const project = models.query().projects.find(name);
  const schedule = models.query().schedules.find(name, recipe);
  if (!project || !schedule || !sees(caller, name, project.owner))
    throw new AppError('not_found', 'There is no such schedule.');
  return schedule;
}

/** How many of its slots nobody used: before its last run, and since then. */
export function missedSlots(
  schedule: ScheduleDoc,
  { models, config, clock }: Pick<ApiDeps, 'models' | 'config' | 'clock'>,
): number {
  const { project, recipe, enabled, last } = schedule;
  const nowMs = clock.now();
  const used = models.query().schedules.lastUsed(project, recipe, new Date(nowMs).toISOString());
  const since = enabled ? unusedSlots(standingOf(schedule, used, config.digestTimezone), nowMs) : 0;
  return (last?.missed ?? 0) + since;
}

function shownSchedule(schedule: ScheduleDoc, { models, config, clock }: ApiDeps): Static<typeof Schedule> {
  const { project, recipe, when, enabled, catch_up, last } = schedule;
  const nowMs = clock.now();
  const used = models.query().schedules.lastUsed(project, recipe, new Date(nowMs).toISOString());
  const standing = standingOf(schedule, used, config.digestTimezone);
  const statusOf = (jobId: string) => {
    const job = models.query().jobs.find(jobId);
    const doc = job && (JSON.parse(job.doc) as JobDoc);
    return { job_id: jobId, subproject: doc?.subproject ?? null, status: doc?.status ?? 'announced' };
  };
  return {
    project,
    recipe,
    when,
    timezone: standing.times.timezone,
    enabled,
    catch_up,
    delay_secs: Math.round(standing.delayMs / 1000),
    next_runs: enabled ? nextSlots(standing.times, nowMs, 3) : [],
    last: last && { slot: last.slot, why: last.why, by: last.by, at: last.at, jobs: last.jobs.map(statusOf) },
    missed: missedSlots(schedule, { models, config, clock }),
  };
}

type Switching = { readonly disabled: boolean; readonly caller: Caller; readonly deps: ApiDeps };

/** Updates the project; null when there was nothing to change. */
async function switchSchedule(name: string, recipe: RecipeName, { disabled, caller, deps }: Switching) {
  const decision = await decisionOn('ProjectUpdated', name, deps);
  const project = storedDocument(ownProject(name, caller, { models: decision }));
  const before = project.schedule.disabled ?? [];
  if (before.includes(recipe) === disabled) return null;
  const data: ProjectDocument = {
    ...project,
    schedule: {
      ...project.schedule,
      disabled: disabled ? [...before, recipe] : before.filter((one) => one !== recipe),
    },
  };
  return (await decision.append(data)).seq;
}

type Asked = { readonly by: string; readonly seed: string; readonly nowMs: number };
type Fired = { readonly seq: number; readonly data: EventData<'ScheduleFired'> };

/** A slot of its own, at this moment. The same request sent again finds the one that it made. */
async function fireNow(project: ProjectDoc, recipe: RecipeName, asked: Asked, deps: ApiDeps): Promise<Fired> {
  const { by, seed, nowMs } = asked;
  const slot = new Date(nowMs).toISOString();
  const id = slotId(project.name, recipe, slot);
  const jobs = derivedJobs(project, [recipe], { id, by }).map(({ job_id }) => job_id);
  if (jobs.length === 0)
    throw new AppError('conflict', `No subproject of ${project.name} has a ${recipe} recipe.`, { name: 'no_recipe' });
  const data = { project: project.name, recipe, slot, why: 'asked' as const, missed: 0, by, jobs };
  const eventId = deriveEventId({ eventId: seed, consumer: 'api', ordinal: 'run' });
  try {
    const { seq, duplicate } = await deps.log.append({ type: 'ScheduleFired', id, data }, { expect: 0, eventId });
    const first = duplicate ? await deps.log.at(seq) : null;
    return { seq, data: first?.type === 'ScheduleFired' ? first.data : data };
  } catch (error) {
    // Somebody used this very millisecond.
    if (!isAppError(error, 'conflict')) throw error;
    return fireNow(project, recipe, { ...asked, nowMs: nowMs + 1 }, deps);
  }
}

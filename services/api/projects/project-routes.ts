import { Type } from '@sinclair/typebox';
import type { ProjectDoc } from '../../../projections/projects.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { commandWarnings } from '../../projects/rules/command-warnings.ts';
import { ProjectInput } from '../../projects/rules/project-document.ts';
import { scheduleWarnings } from '../../scheduler/rules/schedule-words.ts';
import { nextRuns } from '../../scheduler/rules/slots-between.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { cursorOf, textIn } from '../cursor.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { At, type Seeing, viewAt } from '../view-at.ts';
import { visible } from '../visible.ts';
import { eraseUnused, keepProject, Project, ProjectReplacement, shownProject } from './stored-project.ts';

const Answer = success({ project: Project });
const Stored = success({
  project: Project,
  warnings: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })),
  next_runs: Type.Record(Type.String(), Type.Array(Type.String()), {
    description: 'the next three times of each recipe that has a schedule',
  }),
});
const named = Type.Object({ name: Type.String() });

/** Projects: registered, listed, changed and removed by their owner. */
export const projectRoutes: Routes = (app, deps) => {
  const { log, models, config, clock } = deps;
  app.post(
    '/projects',
    {
      schema: {
        summary: 'Register a project; the caller becomes its owner',
        body: ProjectInput,
        response: { 201: Stored },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { name } = request.body;
        if (models.query().projects.find(name)) throw taken(name);
        const data = await keepProject(request.body, callerOf(request).name, null, deps);
        const last = await log.last('ProjectRegistered', name);
        const { seq } = await orTaken(
          name,
          log.append({ type: 'ProjectRegistered', id: name, data }, { expect: last?.seq ?? 0 }),
        );
        await visible(models, seq, reply, 201);
        reply.header('location', `/projects/${name}`);
        return {
          ok: true as const,
          project: await shownProject(
            models.query().projects.find(name) ?? { ...data, created_at: '', updated_at: '', seq },
            deps,
            null,
          ),
          warnings: [...commandWarnings(data), ...scheduleWarnings(data)],
          next_runs: nextRuns(data, config.digestTimezone, clock.now()),
        };
      }),
  );
  app.get(
    '/projects',
    {
      schema: {
        summary: 'List your projects, or all of them as admin',
        querystring: Type.Object({ ...pageQuery, at: At }),
        response: { 200: success({ projects: Type.Array(Project), next_cursor: NextCursor }) },
      },
    },
    async (request, reply) => {
      const { limit = 50, cursor, at } = request.query;
      const caller = callerOf(request);
      const view = await viewAt(at, { caller, reply }, deps);
      const found = view.models
        .query()
        .projects.page({ owner: caller.owner, after: textIn(cursor, ''), limit: limit + 1 });
      const last = found[limit - 1];
      const page = found.slice(0, limit).filter(({ name }) => view.shows(name));
      return {
        ok: true as const,
        projects: await Promise.all(page.map((project) => shownProject(project, deps))),
        next_cursor: found.length > limit && last ? cursorOf(last.name) : null,
      };
    },
  );
  app.get(
    '/projects/:name',
    {
      schema: {
        summary: 'A project',
        params: named,
        querystring: Type.Object({ at: At }),
        response: { 200: Answer },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      return {
        ok: true as const,
        project: await shownProject(ownProject(request.params.name, caller, view), deps),
      };
    },
  );
  app.put(
    '/projects/:name',
    {
      schema: {
        summary: 'Replace the document of a project',
        params: named,
        body: ProjectReplacement,
        response: { 200: Stored },
      },
    },
    async (request, reply) => {
      const before = ownProject(request.params.name, callerOf(request), deps);
      const { git_url, name = before.name, owner = before.owner, ...input } = request.body;
      if (name !== before.name) throw fault('name', 'a project keeps its name');
      if (owner !== before.owner) throw fault('owner', 'a project keeps its owner');
      if (git_url === undefined) throw fault('git_url', 'is needed');
      const data = await keepProject({ ...input, name, git_url }, owner, before, deps);
      const last = await log.last('ProjectUpdated', before.name);
      const { seq } = await log.append({ type: 'ProjectUpdated', id: before.name, data }, { expect: last?.seq ?? 0 });
      await eraseUnused(before, data, deps);
      await visible(models, seq, reply, 200);
      return {
        ok: true as const,
        project: await shownProject(models.query().projects.find(before.name) ?? before, deps, before),
        warnings: [...commandWarnings(data), ...scheduleWarnings(data)],
        next_runs: nextRuns(data, config.digestTimezone, clock.now()),
      };
    },
  );
  app.delete(
    '/projects/:name',
    {
      schema: {
        summary: 'Remove a project with its jobs and findings',
        params: named,
        response: { 200: success({ name: Type.String() }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const project = ownProject(request.params.name, caller, deps);
      await cancelOpenJobs(project.name, caller, deps);
      const last = await log.last('ProjectRemoved', project.name);
      const { seq } = await log.append(
        { type: 'ProjectRemoved', id: project.name, data: { name: project.name } },
        { expect: last?.seq ?? 0 },
      );
      await eraseUnused(project, null, deps);
      await visible(models, seq, reply, 200);
      return { ok: true as const, name: project.name };
    },
  );
};

/** A project that the caller may see. One that is not there and one that is somebody else's look the same. */
export function ownProject(name: string, caller: Caller, { models, shows }: Seeing): ProjectDoc {
  const project = models.query().projects.find(name);
  if (!project || (caller.owner !== null && project.owner !== caller.owner) || shows?.(name) === false)
    throw new AppError('not_found', 'There is no such project.');
  return project;
}

function fault(field: string, message: string): AppError {
  return new AppError('invalid', `/body/${field}: ${message}`, { faults: [{ path: `/body/${field}`, message }] });
}

function taken(name: string): AppError {
  return new AppError('conflict', `There is a project named ${name} already.`, { name: 'name_taken' });
}

async function orTaken<T>(name: string, append: Promise<T>): Promise<T> {
  try {
    return await append;
  } catch (error) {
    throw isAppError(error, 'conflict') ? taken(name) : error;
  }
}

async function cancelOpenJobs(project: string, caller: Caller, { log, models }: ApiDeps): Promise<void> {
  for (const status of ['queued', 'running'] as const) {
    const page = models
      .query()
      .jobs.page({ owner: null, project, status, before: Number.MAX_SAFE_INTEGER, limit: 10_000 });
    for (const { doc } of page) {
      const { job_id } = JSON.parse(doc) as { job_id: string };
      await log.append(
        { type: 'JobCancelRequested', id: job_id, data: { job_id, project, by: caller.name } },
        { durable: false },
      );
    }
  }
}

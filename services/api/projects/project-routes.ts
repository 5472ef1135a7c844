import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import { nameOf, type ProjectDoc } from '../../../projections/projects/projects.ts';
import { documentOf, Project, ProjectPatch, ProjectReplacement } from '../../documents/project-schema.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { isSameRepository } from '../../floor/forges/choose-forge.ts';
import { decisionOn } from '../../projector/decision.ts';
import { asksLess } from '../../projects/rules/looser-approval.ts';
import { mergePatch } from '../../projects/rules/merge-patch.ts';
import { movesBetween } from '../../projects/rules/moved-subprojects.ts';
import { notifyWarnings } from '../../projects/rules/notify-warnings.ts';
import { ProjectInput } from '../../projects/rules/project-document.ts';
import { scheduleWarnings } from '../../scheduler/rules/schedule-words.ts';
import { nextRuns } from '../../scheduler/rules/slots-between.ts';
import { cursorOf, textIn } from '../answers/cursor.ts';
import { At, type Seeing, viewAt } from '../answers/ready-answer.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { IfMatch, refuseOthers, tag } from '../if-match.ts';
import { visible } from '../visible.ts';
import { cancelBetween, cancelOpenJobs } from './cancel-open-jobs.ts';
import { projectChangedSince } from './changed-project.ts';
import { eraseRefused, eraseUnused, keepProject, shownProject } from './stored-project.ts';

const Answer = success({ project: Project });
const Stored = success({
  project: Project,
  warnings: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })),
  next_runs: Type.Record(Type.String(), Type.Array(Type.String()), {
    description: 'the next three times of each recipe that has a schedule',
  }),
  time_zone: Type.String({ description: 'in which the times of its schedule are meant' }),
});
const named = Type.Object({ name: Type.String() });

type Changing = FastifyRequest & { readonly params: Static<typeof named>; readonly headers: Static<typeof IfMatch> };

/** Projects: registered, listed, changed and removed by their owner. */
export const projectRoutes: Routes = (app, deps) => {
  const { log, models, config, clock } = deps;
  const warningsOf = async (data: ProjectDocument) => [
    // It knows every parser: loaded when somebody registers something.
    ...(await import('../../projects/rules/command-warnings.ts')).commandWarnings(data),
    ...scheduleWarnings(data),
    ...notifyWarnings(data, { sendsMail: config.smtp !== null }),
  ];
  /** Stores what `made` makes of the document as it stands, unless it changed since the version that was asked for. */
  const replace = async (
    request: Changing,
    reply: FastifyReply,
    made: (before: ProjectDoc) => Promise<Static<typeof ProjectReplacement>>,
  ) => {
    const decision = await decisionOn('ProjectUpdated', request.params.name, deps);
    const caller = callerOf(request);
    const before = ownProject(request.params.name, caller, { models: decision });
    await refuseOthers(request.headers, { seq: before.seq, reply }, (seen) => projectChangedSince(seen, before, deps));
    const { git_url, name = before.name, owner = before.owner, ...input } = await made(before);
    if (!namesOf(before).includes(name)) throw bodyFault('name', keepsName(nameOf(before)));
    if (owner !== before.owner) throw bodyFault('owner', 'a project keeps its owner');
    if (git_url === undefined) throw bodyFault('git_url', 'is needed');
    const isElsewhere = !isSameRepository(git_url, before.git_url, config.patcher.forge);
    const isLess = asksLess(before, input) || (isElsewhere && before.patch?.approval !== undefined);
    if (isLess && !caller.can.has('admin')) throw approvalIsOwners(before);
    const data = await keepProject({ ...input, name: before.name, git_url }, owner, before, deps);
    const { seq } = await decision.append({ ...data, ...movesBetween(before, data) }).catch(async (error) => {
      await eraseRefused(data, before, error, deps);
      throw error;
    });
    await visible(models, seq, reply, 200);
    const after = models.query().projects.find(before.name);
    if (after?.seq !== seq && (await wentBetween(before.name, decision.at, seq, deps))) {
      // It was removed or handed over before the new document came: what that brought belongs to nothing.
      await eraseUnused(data, before, deps);
      throw noSuchProject();
    }
    await eraseUnused(before, data, deps);
    tag(reply, seq);
    return {
      ok: true as const,
      project: await shownProject(after ?? before, deps, before),
      warnings: await warningsOf(data),
      next_runs: nextRuns(data, config.digestTimezone, clock.now()),
      time_zone: data.schedule.timezone ?? config.digestTimezone,
    };
  };
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
        const decision = await decisionOn('ProjectRegistered', name, deps);
        const { projects } = decision.query();
        if (projects.find(projects.keyOf(name))) throw nameTaken(name);
        const caller = callerOf(request);
        if (caller.projects !== null && !caller.projects.includes(name)) throw notAmong(name);
        const data = await keepProject(request.body, caller.team, null, deps);
        const { seq } = await decision.append(data, { refusal: () => nameTaken(name) }).catch(async (error) => {
          await eraseRefused(data, null, error, deps);
          throw error;
        });
        await visible(models, seq, reply, 201);
        if (models.query().projects.keyOf(name) !== name) {
          // Another project was given the name before this came.
          await eraseUnused(data, null, deps);
          throw nameTaken(name);
        }
        reply.header('location', `/projects/${name}`);
        tag(reply, seq);
        return {
          ok: true as const,
          project: await shownProject(
            models.query().projects.find(name) ?? { ...data, created_at: '', updated_at: '', seq },
            deps,
            null,
          ),
          warnings: await warningsOf(data),
          next_runs: nextRuns(data, config.digestTimezone, clock.now()),
          time_zone: data.schedule.timezone ?? config.digestTimezone,
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
        .projects.page({ owner: caller.owner, among: caller.projects, after: textIn(cursor, ''), limit: limit + 1 });
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
      const project = ownProject(request.params.name, caller, view);
      tag(reply, project.seq);
      return { ok: true as const, project: await shownProject(project, deps) };
    },
  );
  app.put(
    '/projects/:name',
    {
      schema: {
        summary: 'Replace the document of a project',
        params: named,
        headers: IfMatch,
        body: ProjectReplacement,
        response: { 200: Stored },
      },
    },
    async (request, reply) => replace(request, reply, async () => request.body),
  );
  app.patch(
    '/projects/:name',
    {
      schema: {
        summary: 'Change some fields of a project, by a JSON merge patch (RFC 7396): null takes one away',
        consumes: ['application/merge-patch+json', 'application/json'],
        params: named,
        headers: IfMatch,
        body: ProjectPatch,
        response: { 200: Stored },
      },
    },
    async (request, reply) =>
      replace(request, reply, async (before) => {
        const document = mergePatch(documentOf(await shownProject(before, deps)), request.body);
        if (Value.Check(ProjectReplacement, document)) return document;
        const [first] = [...Value.Errors(ProjectReplacement, document)];
        throw bodyFault(first?.path.slice(1) ?? '', first?.message ?? 'is no project');
      }),
  );
  app.delete(
    '/projects/:name',
    {
      schema: {
        summary: 'Remove a project with its jobs and findings',
        params: named,
        headers: IfMatch,
        response: { 200: success({ name: Type.String() }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const decision = await decisionOn('ProjectRemoved', request.params.name, deps);
      const project = ownProject(request.params.name, caller, { models: decision });
      await refuseOthers(request.headers, { seq: project.seq, reply }, (seen) =>
        projectChangedSince(seen, project, deps),
      );
      const looked = await cancelOpenJobs(project.name, caller, deps);
      const secrets = decision.query().secrets.of('project', project.name);
      const { seq } = await decision.append({ name: project.name, owner: project.owner });
      await visible(models, seq, reply, 200);
      // Still there: it was another team's when this came. (Removed, it may be there again, as a new one.)
      const isThere = models.query().projects.find(project.name) !== undefined;
      if (isThere && (await wentBetween(project.name, decision.at, seq, deps))) throw noSuchProject();
      await cancelBetween(project.name, { after: looked, until: seq }, caller, deps);
      await eraseUnused(project, null, deps);
      for (const { value_ref } of secrets) await deps.vault.erase(value_ref).catch(() => {});
      const updated = await log.last('ProjectUpdated', project.name);
      if (updated && updated.seq > decision.at && updated.seq < seq) await eraseUnused(updated.data, null, deps);
      return { ok: true as const, name: nameOf(project) };
    },
  );
};

/** A project that the caller may see. One that is not there and one that is somebody else's look the same. */
export function ownProject(name: string, caller: Caller, { models, shows }: Seeing): ProjectDoc {
  const project = models.query().projects.find(name);
  if (!project || !sees(caller, name, project.owner) || shows?.(name) === false) throw noSuchProject();
  return project;
}

function notAmong(name: string): AppError {
  return new AppError('forbidden', `This bearer is for other projects than ${name}.`, { name: 'project_not_in_scope' });
}

/** Whether a project was removed, or became another team's, after a decision looked at it and before its event came. */
export async function wentBetween(name: string, after: number, until: number, { log }: ApiDeps): Promise<boolean> {
  const [removed, handedOver] = await Promise.all([
    log.last('ProjectRemoved', name),
    log.last('ProjectHandedOver', name),
  ]);
  return [removed, handedOver].some((event) => event !== null && event.seq > after && event.seq < until);
}

export function noSuchProject(): AppError {
  return new AppError('not_found', 'There is no such project.');
}

/** Whoever may ask for patches may not, by the same right, do away with the look that a person takes at them. */
function approvalIsOwners({ name, owner }: ProjectDoc): AppError {
  const message = `Patches of ${name} wait for an approval (patch.approval): only an owner of ${owner} or an admin takes that away, gives more time for it, or takes the project from its repository.`;
  return new AppError('forbidden', message, { name: 'approval_is_owners' });
}

/** A project has the name, or had it and still answers to it. */
export function nameTaken(name: string): AppError {
  return new AppError('conflict', `There is a project named ${name} already, or one that was named so before.`, {
    name: 'name_taken',
  });
}

const namesOf = (project: ProjectDoc) => [project.name, nameOf(project), ...(project.earlier_names ?? [])];

const keepsName = (name: string) =>
  `a document does not rename: POST /projects/${name}/rename gives the project another name, with all that is of it`;

import { Type } from '@sinclair/typebox';
import type { ProjectDoc } from '../../projections/projects.ts';
import { AppError, isAppError } from '../app-error.ts';
import { emailsOf, ProjectInput, projectDocument } from '../decisions/project-document.ts';
import { parseRemoteUrl } from '../io/git/remote-url.ts';
import { type Caller, callerOf } from './authenticate.ts';
import { cursorOf, textIn } from './cursor.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from './define.ts';
import { once } from './idempotency.ts';
import { visible } from './visible.ts';

const Project = Type.Object(
  {
    ...Type.Omit(ProjectInput, ['notify']).properties,
    owner: Type.String(),
    has_credential: Type.Boolean(),
    notify: Type.Object({
      email: Type.Array(Type.String()),
      on: Type.Array(Type.String()),
      auto_patch: Type.Boolean(),
    }),
    created_at: Type.String(),
    updated_at: Type.String(),
  },
  { title: 'Project' },
);
const Answer = success({ project: Project });
const named = Type.Object({ name: Type.String() });

/** Projects: registered, listed, changed and removed by their owner. */
export const projectRoutes: Routes = (app, deps) => {
  const { log, models } = deps;
  app.post(
    '/projects',
    {
      schema: {
        summary: 'Register a project; the caller becomes its owner',
        body: ProjectInput,
        response: { 201: Answer },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { name } = request.body;
        if (models.query().projects.find(name)) throw taken(name);
        const data = await keep(request.body, callerOf(request).name, null, deps);
        const last = await log.last('ProjectRegistered', name);
        const { seq } = await orTaken(
          name,
          log.append({ type: 'ProjectRegistered', id: name, data }, { expect: last?.seq ?? 0 }),
        );
        await visible(models, seq, reply, 201);
        reply.header('location', `/projects/${name}`);
        return {
          ok: true as const,
          project: await shown(
            models.query().projects.find(name) ?? { ...data, created_at: '', updated_at: '', seq },
            deps,
          ),
        };
      }),
  );
  app.get(
    '/projects',
    {
      schema: {
        summary: 'List your projects, or all of them as admin',
        querystring: Type.Object(pageQuery),
        response: { 200: success({ projects: Type.Array(Project), next_cursor: NextCursor }) },
      },
    },
    async (request) => {
      const { limit = 50, cursor } = request.query;
      const found = models
        .query()
        .projects.page({ owner: callerOf(request).owner, after: textIn(cursor, ''), limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        ok: true as const,
        projects: await Promise.all(page.map((project) => shown(project, deps))),
        next_cursor: found.length > limit && last ? cursorOf(last.name) : null,
      };
    },
  );
  app.get(
    '/projects/:name',
    { schema: { summary: 'A project', params: named, response: { 200: Answer } } },
    async (request) => ({
      ok: true as const,
      project: await shown(ownProject(request.params.name, callerOf(request), deps), deps),
    }),
  );
  app.put(
    '/projects/:name',
    {
      schema: {
        summary: 'Replace the document of a project',
        params: named,
        body: Type.Partial(ProjectInput, { additionalProperties: false }),
        response: { 200: Answer },
      },
    },
    async (request, reply) => {
      const before = ownProject(request.params.name, callerOf(request), deps);
      const input = { ...request.body, name: request.body.name ?? before.name };
      if (input.name !== before.name)
        throw new AppError('invalid', '/body/name: a project keeps its name', {
          faults: [{ path: '/body/name', message: 'a project keeps its name' }],
        });
      if (!input.git_url)
        throw new AppError('invalid', '/body/git_url: is needed', {
          faults: [{ path: '/body/git_url', message: 'is needed' }],
        });
      const data = await keep({ ...input, git_url: input.git_url }, before.owner, before, deps);
      const last = await log.last('ProjectUpdated', before.name);
      const { seq } = await log.append({ type: 'ProjectUpdated', id: before.name, data }, { expect: last?.seq ?? 0 });
      await eraseUnused(before, data, deps);
      await visible(models, seq, reply, 200);
      return { ok: true as const, project: await shown(models.query().projects.find(before.name) ?? before, deps) };
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
export function ownProject(name: string, caller: Caller, { models }: Pick<ApiDeps, 'models'>): ProjectDoc {
  const project = models.query().projects.find(name);
  if (!project || (caller.owner !== null && project.owner !== caller.owner))
    throw new AppError('not_found', 'There is no such project.');
  return project;
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

/** Takes credentials and mail addresses out of the document into the vault. A PUT of what a GET showed keeps the credential. */
async function keep(
  input: ProjectInput & { git_url: string },
  owner: string,
  before: ProjectDoc | null,
  { config, vault }: ApiDeps,
) {
  const { url, credential } = parseRemoteUrl(input.git_url, { allowLocal: config.allowLocalRepos });
  // First the checks, then the secrets: a refused document leaves nothing behind.
  const draft = projectDocument(input, { owner, gitUrl: url, refs: { credential_ref: null, email_ref: null } });
  const emails = emailsOf(input);
  const kept = before?.git_url === url ? before.credential_ref : null;
  return {
    ...draft,
    credential_ref: credential ? await vault.put(JSON.stringify(credential)) : kept,
    notify: { ...draft.notify, email_ref: emails.length > 0 ? await vault.put(JSON.stringify(emails)) : null },
  };
}

type Referring = Pick<ProjectDoc, 'credential_ref' | 'notify'>;

async function eraseUnused(before: Referring, after: Referring | null, { vault, logger }: ApiDeps): Promise<void> {
  const old = [before.credential_ref, before.notify.email_ref].filter((ref) => ref !== null);
  const used = [after?.credential_ref, after?.notify.email_ref];
  for (const ref of old) {
    if (used.includes(ref)) continue;
    await vault
      .erase(ref)
      .catch((error) => logger.warn({ error: String(error) }, 'an unused secret could not be erased'));
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

async function shown(project: ProjectDoc, { vault }: Pick<ApiDeps, 'vault'>) {
  const { credential_ref, notify, seq: _seq, ...rest } = project;
  const email = notify.email_ref ? await vault.get(notify.email_ref).then(JSON.parse, () => []) : [];
  return {
    ...rest,
    has_credential: credential_ref !== null,
    notify: { email, on: notify.on, auto_patch: notify.auto_patch },
  };
}

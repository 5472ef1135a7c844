import { Type } from '@sinclair/typebox';
import { closed, oneOf, Recipe, text } from '../../../events/fields.ts';
import { exitReasons, type JobEnqueuedData, priorities } from '../../../events/jobs/job.ts';
import type { FoundJob } from '../../../projections/jobs/job-queries.ts';
import { type JobDoc, jobStatuses } from '../../../projections/jobs/jobs.ts';
import { AppError } from '../../floor/app-error.ts';
import { wordList } from '../../floor/text/schema-words.ts';
import { newJobId } from '../../jobs/new-job-id.ts';
import { enqueueJobs } from '../../jobs/rules/enqueue-jobs.ts';
import { followsBranch } from '../../jobs/rules/follows-branch.ts';
import { derivedJobId } from '../../jobs/rules/job-id.ts';
import { withRecipesOf } from '../../projects/recipes-of-commit.ts';
import { numberIn } from '../answers/cursor.ts';
import { sequencesIn } from '../answers/query-time.ts';
import { At, isPast, readyAnswers, readyPage, readyPageOfBytes, type Seeing } from '../answers/ready-answer.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { ownProject } from '../projects/project-routes.ts';
import { visible } from '../visible.ts';
import { endHomeless, enqueue } from './enqueue-job.ts';
import { Job } from './job-schema.ts';
import { isLogWhole, logTails } from './log-tail.ts';
import { waitingJobs } from './waiting-jobs.ts';

const byId = Type.Object({ id: Type.String() });
const Moment = Type.Optional(
  Type.String({ maxLength: 64, description: 'ISO 8601: asked for at or after `since`, before `until`' }),
);
const ended = ['succeeded', 'failed', 'cancelled'];

/** Jobs: asked for, listed, looked at, cancelled and run again. */
export const jobRoutes: Routes = (app, deps) => {
  const { log, models } = deps;
  const tails = logTails(deps);
  const answer = readyAnswers(deps);
  const waiting = waitingJobs(deps.leases);
  /** What is not in the log: why a job waits at this moment. */
  const withReason = async ({ doc }: FoundJob) => {
    if (!/"status":"(?:queued|parsing)"/.test(doc)) return doc;
    const job = JSON.parse(doc) as JobDoc;
    const reason = await waiting.reason(job);
    return reason === null ? doc : JSON.stringify({ ...job, waiting_for: reason });
  };
  app.post(
    '/projects/:name/jobs',
    {
      schema: {
        summary: 'Run a recipe, in one subproject or in every one that has it',
        params: Type.Object({ name: Type.String() }),
        body: closed({
          recipe: Recipe,
          subproject: Type.Optional(text(512, 1)),
          branch: Type.Optional(text(255, 1)),
          sha: Type.Optional(
            Type.String({
              pattern: '^([0-9a-fA-F]{7,40}|[0-9a-fA-F]{64})$',
              description: 'a commit, by its id or by at least seven digits that it begins with',
            }),
          ),
          priority: Type.Optional(oneOf(priorities)),
        }),
        response: { 202: success({ job_id: Type.String(), status: Type.String(), jobs: Type.Array(Job) }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const project = ownProject(request.params.name, caller, deps);
      const derived = request.headers['idempotency-key'] !== undefined;
      return once(request, reply, deps, async (seed) => {
        const newId = (path: string) => (derived ? derivedJobId(seed, path) : newJobId());
        const jobs = enqueueJobs(await withRecipesOf(request.body, project, deps), request.body, {
          by: caller.name,
          newId,
        });
        const seqs = await Promise.all(jobs.map((data) => enqueue(data, deps)));
        await visible(models, Math.max(...seqs), reply, 202);
        await endHomeless(project, jobs, { caller, deps });
        const [first] = jobs;
        const id = first?.job_id ?? '';
        reply.code(202).header('location', `/jobs/${id}`);
        return {
          ok: true as const,
          job_id: id,
          status: 'queued',
          jobs: jobs.flatMap(({ job_id }) => docOf(models.query().jobs.find(job_id))),
        };
      });
    },
  );
  app.get(
    '/jobs',
    {
      schema: {
        summary: 'List your jobs, or all of them as admin, newest first',
        querystring: Type.Object({
          ...pageQuery,
          project: Type.Optional(Type.String()),
          status: Type.Optional(wordList(jobStatuses)),
          recipe: Type.Optional(Recipe),
          subproject: Type.Optional(text(512, 1)),
          branch: Type.Optional(text(255, 1)),
          reason: Type.Optional(oneOf(exitReasons)),
          since: Moment,
          until: Moment,
          at: At,
        }),
        response: { 200: success({ jobs: Type.Array(Job), next_cursor: NextCursor }) },
      },
    },
    async (request, reply) =>
      answer(request, reply, async (view, caller) => {
        const { owner, projects: among } = caller;
        const { project = null, status = null, limit = 50, cursor } = request.query;
        if (project !== null && !isPast(view)) ownProject(project, caller, view);
        const { recipe = null, subproject = null, branch = null, reason = null } = request.query;
        const statuses = status === null ? null : jobStatuses.filter((one) => status.split(',').includes(one));
        const narrowed = { owner, among, project, status: statuses, recipe, subproject, branch, reason };
        const { after, until } = await sequencesIn(request.query, log);
        const filter = { ...narrowed, after, before: Math.min(until, numberIn(cursor, Number.MAX_SAFE_INTEGER)) };
        const { jobs } = view.models.query();
        if (isPast(view))
          return readyPage('jobs', jobs.page({ ...filter, limit: limit + 1 }), {
            limit,
            view,
            placeOf: ({ seq }) => seq,
          });
        const { docs, next } = jobs.pageBytes({ ...filter, limit });
        return readyPageOfBytes('jobs', docs, next);
      }),
  );
  app.get(
    '/jobs/:id',
    {
      schema: {
        summary: 'A job, with the last 200 lines of its log',
        params: byId,
        querystring: Type.Object({ at: At }),
        response: { 200: success({ job: Job, log_tail: Type.Array(Type.String()) }) },
      },
    },
    async (request, reply) =>
      answer(request, reply, async (view, caller) => {
        const { id } = request.params;
        const job = ownJob(id, caller, view);
        const isWhole = isLogWhole(job);
        // Of a log that was still being written it is not known what it held then.
        const tail = isPast(view) && !isWhole ? '[]' : (tails.cached(job) ?? (await tails.read(job, id)));
        const doc = isPast(view) ? job.doc : await withReason(job);
        // The log of a job that still runs grows beside the read model.
        return { json: `{"ok":true,"job":${doc},"log_tail":${tail}}`, lasts: isWhole };
      }),
  );
  app.post(
    '/jobs/:id/cancel',
    { schema: { summary: 'Cancel a queued or running job', params: byId, response: { 202: success({ job: Job }) } } },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { id } = request.params;
        const { job_id, project } = activeJob(ownJob(id, caller, deps));
        const { seq } = await log.append({
          type: 'JobCancelRequested',
          id,
          data: { job_id, project, by: caller.name },
        });
        await visible(models, seq, reply, 202);
        // Its project may have been removed meanwhile, or handed to somebody else.
        const job = docOf(ownJob(id, caller, deps))[0] as JobDoc;
        if (job.cancel_requested_by === null) throw overAlready(job);
        reply.code(202).header('location', `/jobs/${id}`);
        return { ok: true as const, job };
      }),
  );
  app.post(
    '/jobs/:id/rerun',
    {
      schema: {
        summary: 'Run the same recipe at the same commit again',
        params: byId,
        response: { 202: success({ job_id: Type.String(), status: Type.String(), job: Job }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async (seed) => {
        const caller = callerOf(request);
        const { id } = request.params;
        const before = docOf(ownJob(id, caller, deps))[0] as JobDoc;
        const project = ownProject(before.project, caller, deps);
        const enqueued = await log.last('JobEnqueued', id);
        if (!enqueued) throw new AppError('not_found', 'There is no such job.');
        const { tip: _then, retry: _tries, ...asked } = enqueued.data;
        const tip = followsBranch(enqueued.data) ? before.sha : null;
        const data: JobEnqueuedData = {
          ...asked,
          ...(tip === null ? {} : { tip }),
          // Its project may be another team's by now, and its credential renewed; that goes to its own address alone.
          owner: project.owner,
          ...(project.git_url === asked.snapshot.git_url ? { credential_ref: project.credential_ref } : {}),
          job_id: request.headers['idempotency-key'] === undefined ? newJobId() : derivedJobId(seed),
          sha: before.sha ?? enqueued.data.sha,
          purpose: 'requested',
          requested_by: caller.name,
          rerun_of: id,
        };
        const seq = await enqueue(data, deps);
        await visible(models, seq, reply, 202);
        await endHomeless({ name: data.project, owner: data.owner }, [data], { caller, deps });
        reply.code(202).header('location', `/jobs/${data.job_id}`);
        return {
          ok: true as const,
          job_id: data.job_id,
          status: 'queued',
          job: docOf(models.query().jobs.find(data.job_id))[0] as JobDoc,
        };
      }),
  );
};

/** A job that the caller may see; not there and somebody else's look the same. */
export function ownJob(id: string, caller: Caller, { models, shows }: Seeing): FoundJob {
  const job = models.query().jobs.find(id);
  const project = job && (JSON.parse(job.doc) as JobDoc).project;
  if (!job || project === undefined || !sees(caller, project, job.owner) || shows?.(project) === false)
    throw new AppError('not_found', 'There is no such job.');
  return job;
}

function docOf(found: FoundJob | undefined): JobDoc[] {
  return found ? [JSON.parse(found.doc) as JobDoc] : [];
}

function activeJob(found: FoundJob): JobDoc {
  const job = JSON.parse(found.doc) as JobDoc;
  if (ended.includes(job.status) || job.status === 'parsing') throw overAlready(job);
  return job;
}

function overAlready({ status }: JobDoc): AppError {
  return new AppError('conflict', `The job is over: ${status}.`, { name: 'job_over' });
}

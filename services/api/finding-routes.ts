import { Type } from '@sinclair/typebox';
import { oneOf } from '../../events/fields.ts';
import { findingKinds, severities } from '../../events/finding.ts';
import { type FindingDoc, findingStates } from '../../projections/findings.ts';
import type { JobDoc } from '../../projections/jobs.ts';
import { AppError } from '../app-error.ts';
import { sarifOf } from '../decisions/sarif.ts';
import { type Caller, callerOf } from './authenticate.ts';
import { cursorOf, numberIn } from './cursor.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from './define.ts';
import { Finding, Suppression } from './finding-schema.ts';
import { once } from './idempotency.ts';
import { ownJob } from './job-routes.ts';
import { ownProject } from './project-routes.ts';
import { sequenceAt } from './sequence-at.ts';
import { visible } from './visible.ts';

const byId = Type.Object({ id: Type.String() });
const mostOfAJob = 20_000;

/** Findings: of a job, over all jobs, one with its history; suppressed with a reason. */
export const findingRoutes: Routes = (app, deps) => {
  const { log, models } = deps;
  app.get(
    '/jobs/:id/findings',
    {
      schema: {
        summary: 'What a job found; all of it unless a limit is given',
        params: byId,
        querystring: Type.Object({
          ...pageQuery,
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostOfAJob })),
        }),
        response: { 200: success({ findings: Type.Array(Finding), next_cursor: NextCursor }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      ownJob(id, callerOf(request), deps);
      const { limit = mostOfAJob, cursor } = request.query;
      const found = occurrencesOf(id, numberIn(cursor, -1), limit + 1, deps);
      const page = found.slice(0, limit);
      return {
        ok: true as const,
        findings: page.map(({ finding }) => finding),
        next_cursor: found.length > limit ? cursorOf(page.at(-1)?.ordinal ?? 0) : null,
      };
    },
  );
  app.get(
    '/jobs/:id/findings.sarif',
    { schema: { summary: 'The same as SARIF 2.1.0', params: byId, produces: ['application/sarif+json'] } },
    async (request, reply) => {
      const { id } = request.params;
      const job = JSON.parse(ownJob(id, callerOf(request), deps).doc) as JobDoc;
      const findings = occurrencesOf(id, -1, mostOfAJob, deps).map(({ finding }) => finding);
      reply.header('content-type', 'application/sarif+json; charset=utf-8');
      return sarifOf(findings, {
        version: deps.version,
        gitUrl: job.recipe_snapshot.git_url,
        sha: job.sha,
        branch: job.branch,
      });
    },
  );
  app.get(
    '/findings',
    {
      schema: {
        summary: 'Findings over all jobs, newest first',
        querystring: Type.Object({
          ...pageQuery,
          project: Type.Optional(Type.String()),
          state: Type.Optional(oneOf(findingStates)),
          kind: Type.Optional(oneOf(findingKinds)),
          severity: Type.Optional(oneOf(severities)),
          since: Type.Optional(
            Type.String({
              maxLength: 64,
              description: 'a sequence of the log or an ISO 8601 time: last seen after it',
            }),
          ),
        }),
        response: { 200: success({ findings: Type.Array(Finding), next_cursor: NextCursor }) },
      },
    },
    async (request, reply) => {
      const { project = null, state = null, kind = null, severity = null, since, limit = 50, cursor } = request.query;
      const before = numberIn(cursor, Number.MAX_SAFE_INTEGER);
      const from = since === undefined ? 0 : await sequenceAt(since, deps.log);
      const found = models.query().findings.page({
        owner: callerOf(request).owner,
        project,
        state,
        kind,
        severity,
        since: from,
        before,
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      const next = found.length > limit ? JSON.stringify(cursorOf(page.at(-1)?.id ?? 0)) : 'null';
      reply.header('content-type', 'application/json; charset=utf-8');
      return reply.send(
        `{"ok":true,"findings":[${page.map(({ doc }) => doc).join(',')}],"next_cursor":${next}}` as never,
      );
    },
  );
  app.get(
    '/findings/:id',
    {
      schema: {
        summary: 'A finding with its history',
        params: byId,
        response: { 200: success({ finding: Finding, history: Type.Array(Type.Unknown()) }) },
      },
    },
    async (request) => {
      const finding = ownFinding(request.params.id, callerOf(request), deps);
      return { ok: true as const, finding, history: await historyOf(finding, deps) };
    },
  );
  app.post(
    '/findings/:id/suppress',
    {
      schema: {
        summary: 'Live with a finding, for a reason',
        params: byId,
        body: Suppression,
        response: { 200: success({ finding: Finding }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { identity, project, id } = ownFinding(request.params.id, caller, deps);
        const { reason, until = null } = request.body;
        const data = { identity, project, by: caller.name, reason, until: until === null ? null : timeOf(until) };
        const { seq } = await log.append({ type: 'FindingSuppressed', id: identity, data });
        await visible(models, seq, reply, 200);
        return { ok: true as const, finding: ownFinding(String(id), caller, deps) };
      }),
  );
  app.post(
    '/findings/:id/unsuppress',
    { schema: { summary: 'Take a suppression back', params: byId, response: { 200: success({ finding: Finding }) } } },
    async (request, reply) => {
      const caller = callerOf(request);
      const { identity, project, id, state } = ownFinding(request.params.id, caller, deps);
      if (state !== 'suppressed')
        throw new AppError('conflict', 'The finding is not suppressed.', { name: 'not_suppressed' });
      const { seq } = await log.append({
        type: 'FindingUnsuppressed',
        id: identity,
        data: { identity, project, by: caller.name, reason: '' },
      });
      await visible(models, seq, reply, 200);
      return { ok: true as const, finding: ownFinding(String(id), caller, deps) };
    },
  );
  app.get(
    '/projects/:name/findings/diff',
    {
      schema: {
        summary: 'What appeared and what went between two sequences or times',
        params: Type.Object({ name: Type.String() }),
        querystring: Type.Object({
          from: Type.String({ maxLength: 64 }),
          to: Type.Optional(Type.String({ maxLength: 64 })),
        }),
        response: {
          200: success({
            from: Type.Integer(),
            to: Type.Integer(),
            appeared: Type.Array(Finding),
            gone: Type.Array(Finding),
          }),
        },
      },
    },
    async (request) => {
      const { name } = ownProject(request.params.name, callerOf(request), deps);
      const from = await sequenceAt(request.query.from, log);
      const to = request.query.to === undefined ? models.seq() : await sequenceAt(request.query.to, log);
      const { appeared, gone } = models.query().findings.changedBetween(name, from, to);
      return { ok: true as const, from, to, appeared: appeared.map(parsed), gone: gone.map(parsed) };
    },
  );
};

const parsed = (doc: string) => JSON.parse(doc) as FindingDoc;

function occurrencesOf(jobId: string, after: number, limit: number, { models }: ApiDeps) {
  const { occurrences, jobs } = models.query();
  const job = JSON.parse(jobs.find(jobId)?.doc ?? '{}') as JobDoc;
  return occurrences.page(jobId, after, limit).map(({ ordinal, created_at, state, first, last, doc }) => {
    const { finding_id: id, ...rest } = doc;
    const finding = {
      id,
      job_id: jobId,
      ...rest,
      project: job.project,
      subproject: job.subproject,
      recipe: job.recipe,
      state: (state ?? 'open') as FindingDoc['state'],
      first_seen_job: first ?? jobId,
      last_seen_job: last ?? jobId,
      created_at,
    };
    return { ordinal, finding };
  });
}

function ownFinding(id: string, caller: Caller, deps: ApiDeps): FindingDoc {
  const none = () => new AppError('not_found', 'There is no such finding.');
  const finding = /^\d{1,15}$/.test(id) ? deps.models.query().findings.find(Number(id)) : undefined;
  if (!finding) throw none();
  const project = deps.models.query().projects.find(finding.project);
  if (!project || (caller.owner !== null && project.owner !== caller.owner)) throw none();
  return finding;
}

async function historyOf({ identity }: FindingDoc, { log }: ApiDeps) {
  const types = [
    'FindingDetected',
    'FindingReopened',
    'FindingResolved',
    'FindingSuppressed',
    'FindingUnsuppressed',
  ] as const;
  const latest = await Promise.all(types.map((type) => log.last(type, identity)));
  return latest
    .filter((event) => event !== null)
    .sort((a, b) => a.seq - b.seq)
    .map(({ type, seq, time, causationId, data }) => ({
      type,
      seq,
      time,
      caused_by: causationId,
      ...('job_id' in data ? { job_id: data.job_id } : {}),
      ...('reason' in data ? { reason: data.reason } : {}),
      ...('by' in data ? { by: data.by } : {}),
    }));
}

function timeOf(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new AppError('invalid', '/body/until: expected an ISO 8601 time', {
      faults: [{ path: '/body/until', message: 'expected an ISO 8601 time' }],
    });
  return time.toISOString();
}

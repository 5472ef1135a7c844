import { Type } from '@sinclair/typebox';
import type { FindingDoc } from '../../../projections/findings.ts';
import type { JobDoc } from '../../../projections/jobs.ts';
import { Finding, SarifLog } from '../../documents/finding-schema.ts';
import { sarifOf } from '../../findings/rules/sarif-log.ts';
import { callerOf } from '../authenticate.ts';
import { cursorOf, numberIn } from '../cursor.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { ownJob } from './job-routes.ts';

const byId = Type.Object({ id: Type.String() });
const mostOfAJob = 20_000;

/** What one job found, as the README shows it and as SARIF. */
export const jobFindingRoutes: Routes = (app, deps) => {
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
    {
      schema: {
        summary: 'The same as SARIF 2.1.0',
        params: byId,
        produces: ['application/sarif+json'],
        response: { 200: SarifLog },
      },
    },
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
};

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

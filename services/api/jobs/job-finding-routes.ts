import { Type } from '@sinclair/typebox';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { Finding, SarifLog } from '../../documents/finding-schema.ts';
import { logPlaces, type Sought } from '../../findings/rules/log-places.ts';
import { sarifOf } from '../../findings/rules/sarif-log.ts';
import { isAppError } from '../../floor/app-error.ts';
import { cursorOf, numberIn } from '../answers/cursor.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type ApiDeps, NextCursor, pageQuery, type RouteDeps, type Routes, success } from '../define.ts';
import { ownJob } from './job-routes.ts';
import { lineFeed } from './log-line-index.ts';
import { keptSpan } from './log-line-routes.ts';

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
          log_lines: Type.Optional(
            Type.Literal('1', { description: 'with the line of the log that each was read from' }),
          ),
        }),
        response: { 200: success({ findings: Type.Array(Finding), next_cursor: NextCursor }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const caller = callerOf(request);
      ownJob(id, caller, deps);
      const { limit = mostOfAJob, cursor, log_lines } = request.query;
      const found = occurrencesOf(id, numberIn(cursor, -1), limit + 1, deps);
      const page = found.slice(0, limit);
      const findings = page.map(({ finding }) => finding);
      const lines = log_lines === '1' ? await linesOf(id, findings, caller, deps) : null;
      return {
        ok: true as const,
        findings: lines ? findings.map((one, at) => ({ ...one, log_line: lines[at] ?? null })) : findings,
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

/** The lines of the log in which findings are recognised; none where the log is not kept any more. */
async function linesOf(id: string, findings: readonly Sought[], caller: Caller, deps: RouteDeps) {
  const places = logPlaces(findings);
  const span = await keptSpan(id, caller, deps).catch((error) => {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  });
  if (!span || span.last === 0) return places.found();
  const feed = lineFeed((line, number) => {
    places.see(line, number);
    return true;
  });
  await deps.logs.read(id, { firstSeq: span.first, lastSeq: span.last }, ({ bytes }) => feed.write(bytes));
  feed.end();
  return places.found();
}

export function occurrencesOf(jobId: string, after: number, limit: number, { models }: ApiDeps) {
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

import { Type } from '@sinclair/typebox';
import { closed, nullable } from '../../../events/fields.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { SarifLog } from '../../documents/finding-schema.ts';
import { coverageByDay, testsByDay } from '../../findings/rules/measured-days.ts';
import { sarifOf } from '../../findings/rules/sarif-log.ts';
import { trendDays } from '../../findings/rules/trend-days.ts';
import { AppError } from '../../floor/app-error.ts';
import { At, viewAt } from '../answers/ready-answer.ts';
import { sequenceAt } from '../answers/sequence-at.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { ownProject } from '../projects/project-routes.ts';
import { visible } from '../visible.ts';

const named = Type.Object({ name: Type.String() });
const mostFindings = 20_000;
const mostTests = 2_000;
const mostJobs = 1_000;

const Test = Type.Object(
  {
    test: Type.String(),
    tool: Type.String(),
    subproject: Type.String(),
    recipe: Type.String(),
    sha: Type.String(),
    file: nullable(Type.String()),
    runs: Type.Integer({ description: 'complete runs of the recipe at this commit' }),
    failures: Type.Integer(),
    flaky: Type.Boolean({ description: 'it failed and passed at the same commit' }),
    retried: Type.Integer({ description: 'runs in which a result file says that it failed and then passed' }),
    last_job: Type.String(),
    last_at: Type.String(),
  },
  { title: 'TestAtCommit' },
);

const Reading = Type.Object(
  { job_id: Type.String(), findings: Type.Integer(), appear: Type.Array(Type.String()), go: Type.Array(Type.String()) },
  { title: 'ReadingPreview' },
);

/** What is known of a whole project: its open findings for other tools, how they develop, its tests; and reading its logs again. */
export const projectFindingRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.get(
    '/projects/:name/findings.sarif',
    {
      schema: {
        summary: 'The open findings of a project as SARIF 2.1.0',
        params: named,
        querystring: Type.Object({ at: At }),
        produces: ['application/sarif+json'],
        response: { 200: SarifLog },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      deps.seats.take('export', caller, reply);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      const project = ownProject(request.params.name, caller, view);
      const page = (state: 'open' | 'suppressed') =>
        view.models.query().findings.page({
          owner: null,
          project: project.name,
          state,
          kind: null,
          severity: null,
          since: 0,
          before: Number.MAX_SAFE_INTEGER,
          limit: mostFindings,
        });
      const findings = [...page('open'), ...page('suppressed')].map(({ doc }) => JSON.parse(doc) as FindingDoc);
      reply.header('content-type', 'application/sarif+json; charset=utf-8');
      return sarifOf(findings, {
        version: deps.version,
        gitUrl: project.git_url,
        sha: null,
        branch: project.default_branch,
      });
    },
  );
  app.get(
    '/projects/:name/trends',
    {
      schema: {
        summary:
          'How many findings became open, were closed and stood open, how much of the code ran, and the tests, day by day (UTC)',
        params: named,
        querystring: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, default: 30 })) }),
        response: { 200: success({ days: Type.Array(Type.Unknown()) }) },
      },
    },
    async (request) => {
      const { name } = ownProject(request.params.name, callerOf(request), deps);
      const { trends, coverage, testRuns } = models.query();
      const today = new Date(deps.clock.now()).toISOString().slice(0, 10);
      const days = trendDays(trends.days(name), today, request.query.days ?? 30);
      const dates = days.map(({ date }) => date);
      const covered = coverageByDay(coverage.days(name, ''), dates);
      const tests = testsByDay(testRuns.days(name, dates[0] ?? today), dates);
      return {
        ok: true as const,
        days: days.map((day, at) => ({ ...day, coverage: covered[at] ?? null, tests: tests[at] ?? null })),
      };
    },
  );
  app.get(
    '/projects/:name/tests',
    {
      schema: {
        summary: 'Tests that failed, by commit; with flaky=1 only those that also passed there',
        params: named,
        querystring: Type.Object({ flaky: Type.Optional(Type.Union([Type.Literal('0'), Type.Literal('1')])) }),
        response: { 200: success({ tests: Type.Array(Test) }) },
      },
    },
    async (request) => {
      const { name } = ownProject(request.params.name, callerOf(request), deps);
      const { tests: failing, testRuns } = models.query();
      const tests = [
        ...failing
          .atCommits(name, mostTests)
          .map((test) => ({ ...test, flaky: test.runs > test.failures, retried: 0 })),
        ...testRuns.retried(name, mostTests).map(({ suite, test, ...rest }) => ({
          ...rest,
          test: test.startsWith(suite) ? test : `${suite} > ${test}`,
          tool: 'result file',
          runs: rest.retried,
          failures: 0,
          flaky: true,
        })),
      ];
      return { ok: true as const, tests: request.query.flaky === '1' ? tests.filter(({ flaky }) => flaky) : tests };
    },
  );
  app.post(
    '/projects/:name/reparse',
    {
      schema: {
        summary:
          'Derive the findings again from the stored logs with the parsers of today, without running a recipe; `dry_run` reports what would change',
        params: named,
        body: closed({ since: Type.Optional(Type.String({ maxLength: 64 })), dry_run: Type.Optional(Type.Boolean()) }),
        response: { 200: success({ jobs: Type.Array(Reading) }), 202: success({ jobs: Type.Array(Reading) }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { name } = ownProject(request.params.name, caller, deps);
        const { since, dry_run = false } = request.body;
        const from = since === undefined ? 0 : await sequenceAt(since, deps.log);
        const jobs = readable(name, from, deps);
        if (dry_run) return { ok: true as const, jobs: await preview(jobs, deps) };
        const seqs: number[] = [];
        for (const { job_id } of jobs)
          seqs.push(await requestReading(job_id, { project: name, by: caller.name }, deps));
        await visible(models, Math.max(0, ...seqs), reply, 202);
        return {
          ok: true as const,
          jobs: jobs.map(({ job_id, findings_count }) => ({ job_id, findings: findings_count, appear: [], go: [] })),
        };
      }),
  );
};

/** The ended jobs of a project whose log is there, oldest first. */
function readable(project: string, from: number, { models }: ApiDeps): JobDoc[] {
  const jobs: JobDoc[] = [];
  const { jobs: query } = models.query();
  for (const status of ['succeeded', 'failed'] as const) {
    const page = query.page({ owner: null, project, status, before: Number.MAX_SAFE_INTEGER, limit: mostJobs });
    jobs.push(...page.filter(({ seq }) => seq > from).map(({ doc }) => JSON.parse(doc) as JobDoc));
  }
  return jobs
    .filter(({ reason }) => reason === 'exited')
    .sort((a, b) => (a.enqueued_at < b.enqueued_at ? -1 : 1))
    .slice(-mostJobs);
}

async function preview(jobs: readonly JobDoc[], deps: ApiDeps) {
  if (!deps.preview) throw new AppError('unavailable', 'No living process has the role parser.');
  const previews = [];
  for (const { job_id } of jobs) {
    const one = await deps.preview(job_id);
    if (one) previews.push({ ...one, appear: [...one.appear], go: [...one.go] });
  }
  return previews;
}

async function requestReading(
  jobId: string,
  { project, by }: { project: string; by: string },
  { log }: ApiDeps,
): Promise<number> {
  const last = await log.last('LogRereadRequested', jobId);
  const data = { job_id: jobId, project, by, reading: (last?.data.reading ?? 1) + 1 };
  return (await log.append({ type: 'LogRereadRequested', id: jobId, data }, { expect: last?.seq ?? 0 })).seq;
}

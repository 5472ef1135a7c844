import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { Finding } from '../../documents/finding-schema.ts';
import { AppError } from '../../floor/app-error.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type RouteDeps, type Routes, success } from '../define.ts';
import { occurrencesOf } from './job-finding-routes.ts';
import { ownJob } from './job-routes.ts';

const mostCompared = 20_000;
const mostListed = 200;

const Side = Type.Object(
  {
    job_id: Type.String(),
    status: Type.String(),
    branch: Type.String(),
    sha: nullable(Type.String()),
    finished_at: nullable(Type.String()),
    duration_ms: nullable(Type.Integer()),
    findings: Type.Integer(),
  },
  { title: 'ComparedJob' },
);

/** What differs between a job and an earlier one: what it found, and the circumstances. */
export const compareRoutes: Routes = (app, deps) => {
  app.get(
    '/jobs/:id/compare',
    {
      schema: {
        summary: 'A job beside the last one of its recipe that passed before it, or beside `with`',
        params: Type.Object({ id: Type.String() }),
        querystring: Type.Object({ with: Type.Optional(Type.String({ maxLength: 64 })) }),
        response: {
          200: success({
            job: Side,
            before: Side,
            appeared: Type.Array(Finding, { description: `of which at most ${mostListed} are listed` }),
            gone: Type.Array(Finding),
            appeared_count: Type.Integer(),
            gone_count: Type.Integer(),
            differs: Type.Array(
              Type.Object({ what: Type.String(), before: nullable(Type.String()), now: nullable(Type.String()) }),
              { description: 'of the circumstances: commit, branch, command, runner, sandbox, exit code, tests' },
            ),
          }),
        },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const job = docOf(request.params.id, caller, deps);
      const before = docOf(request.query.with ?? lastGreen(request.params.id, caller, deps), caller, deps);
      const findingsOf = ({ job_id }: JobDoc) =>
        occurrencesOf(job_id, -1, mostCompared, deps).map(({ finding }) => finding);
      const [now, then] = [findingsOf(job), findingsOf(before)];
      const [known, left] = [
        new Set(then.map(({ identity }) => identity)),
        new Set(now.map(({ identity }) => identity)),
      ];
      const appeared = now.filter(({ identity }) => !known.has(identity));
      const gone = then.filter(({ identity }) => !left.has(identity));
      return {
        ok: true as const,
        job: sideOf(job),
        before: sideOf(before),
        appeared: appeared.slice(0, mostListed),
        gone: gone.slice(0, mostListed),
        appeared_count: appeared.length,
        gone_count: gone.length,
        differs: differences(before, job),
      };
    },
  );
};

function docOf(id: string, caller: Caller, deps: RouteDeps): JobDoc {
  return JSON.parse(ownJob(id, caller, deps).doc) as JobDoc;
}

/** The last run of the same recipe that passed and was asked for before. Throws AppError('not_found') `no_green_job`. */
function lastGreen(id: string, caller: Caller, deps: RouteDeps): string {
  const found = ownJob(id, caller, deps);
  const green = deps.models.query().recipeRuns.greenBefore(JSON.parse(found.doc) as JobDoc, found.seq);
  if (green) return green.job_id;
  throw new AppError('not_found', 'No earlier run of this recipe that is still known passed on the default branch.', {
    name: 'no_green_job',
  });
}

function sideOf({ job_id, status, branch, sha, finished_at, duration_ms, findings_count }: JobDoc) {
  return { job_id, status, branch, sha, finished_at, duration_ms, findings: findings_count };
}

/** What is not the same of two jobs, beside what they found. */
function differences(before: JobDoc, now: JobDoc) {
  const tests = ({ tests: counted }: JobDoc) =>
    counted === null ? null : `${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`;
  const coverage = ({ coverage: measured }: JobDoc) => (measured?.percent == null ? null : `${measured.percent} %`);
  const facts: [string, (job: JobDoc) => string | null][] = [
    ['commit', ({ sha }) => sha],
    ['branch', ({ branch }) => branch],
    ['command', ({ command }) => command],
    ['exit code', ({ exit_code }) => (exit_code === null ? null : String(exit_code))],
    ['ended by', ({ reason }) => reason],
    ['runner', ({ runner }) => runner],
    ['sandbox', ({ sandbox }) => sandbox],
    ['containment', ({ containment }) => containment],
    ['tests', tests],
    ['coverage', coverage],
  ];
  return facts
    .map(([what, of]) => ({ what, before: of(before), now: of(now) }))
    .filter((one) => one.before !== one.now);
}

import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import { Share } from '../../../events/jobs/measured.ts';
import { MeasuredFiles, Measurement, TestRun, TestRunLists } from '../../documents/figure-schema.ts';
import { coverageOf } from '../../findings/rules/measured-days.ts';
import { AppError } from '../../floor/app-error.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { ownProject } from '../projects/project-routes.ts';
import { ownJob } from './job-routes.ts';

const byId = Type.Object({ id: Type.String() });
/** What jobs measured: how much of the code ran, and how long which tests took. */
export const figureRoutes: Routes = (app, deps) => {
  app.get(
    '/jobs/:id/coverage',
    {
      schema: {
        summary: 'What ran of the code in a job, file by file, and which changed lines did not',
        params: byId,
        response: { 200: success({ coverage: MeasuredFiles }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      ownJob(id, callerOf(request), deps);
      const coverage = deps.models.query().coverage.find(id);
      if (coverage === null) throw none('The job left no coverage report that could be read.', 'no_coverage');
      return { ok: true as const, coverage };
    },
  );
  app.get(
    '/jobs/:id/tests',
    {
      schema: {
        summary: 'The tests of a job by its result files: suites, the slowest, and those that passed when tried again',
        params: byId,
        response: { 200: success({ tests: TestRunLists }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      ownJob(id, callerOf(request), deps);
      const tests = deps.models.query().testRuns.find(id);
      if (tests === null) throw none('The job left no result file that tells of its tests.', 'no_test_results');
      return { ok: true as const, tests };
    },
  );
  app.get(
    '/projects/:name/coverage',
    {
      schema: {
        summary: 'Coverage on the default branch: of the whole project, and the last runs of each recipe, newest first',
        params: Type.Object({ name: Type.String() }),
        querystring: Type.Object({ runs: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 12 })) }),
        response: {
          200: success({
            total: nullable(Type.Object({ ...Share.properties, percent: Type.Number() })),
            recipes: Type.Array(
              Type.Object({
                subproject: Type.String(),
                recipe: Type.String(),
                min_coverage: nullable(Type.Number()),
                min_changed_coverage: nullable(Type.Number()),
                runs: Type.Array(Measurement),
                test_runs: Type.Array(TestRun),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const { name: project, subprojects } = ownProject(request.params.name, callerOf(request), deps);
      const { coverage, testRuns } = deps.models.query();
      const { runs: most = 12 } = request.query;
      const recipes = coverage.recipes(project).flatMap(({ subproject, recipe }) => {
        const own = subprojects.find(({ path }) => path === subproject);
        // What the project has no more is history.
        if (own === undefined) return [];
        const { min_coverage = null, min_changed_coverage = null } = own;
        const runs = coverage.latest({ project, subproject, recipe }, most);
        const test_runs = testRuns.latest({ project, subproject, recipe }, most);
        return [{ subproject, recipe, min_coverage, min_changed_coverage, runs, test_runs }];
      });
      return { ok: true as const, total: coverageOf(recipes.flatMap(({ runs }) => runs.slice(0, 1))), recipes };
    },
  );
};

const none = (message: string, name: string) => new AppError('not_found', message, { name });

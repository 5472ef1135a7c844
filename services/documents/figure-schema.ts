import { Type } from '@sinclair/typebox';
import { Commit, nullable } from '../../events/fields.ts';
import { ChangedCoverage, Share, shares } from '../../events/jobs/measured.ts';

const Text = Type.String();
const Percent = Type.Number({ minimum: 0, maximum: 100, description: 'of 100, rounded down to two places' });

/** Coverage as a job shows it. */
export const JobCoverage = Type.Object(
  {
    percent: nullable(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'of the lines, or of the statements where nobody counts lines',
      }),
    ),
    lines: nullable(Share),
    statements: nullable(Share),
    branches: nullable(Share),
    functions: nullable(Share),
    changed: nullable(
      Type.Object(
        { base: Commit, covered: Share.properties.covered, total: Share.properties.total, percent: Percent },
        { description: 'of the lines that differ from `base` and can run' },
      ),
    ),
    formats: Type.Array(Text),
    file_count: Type.Integer(),
    outside: Type.Integer({ description: 'files that are not in the repository, such as generated ones; they count' }),
  },
  { title: 'Coverage' },
);

const place = {
  job_id: Text,
  subproject: Text,
  recipe: Text,
  branch: Text,
  sha: nullable(Text),
  measured_at: Type.String({ description: 'ISO 8601, UTC' }),
};

/** One measurement, with the run that it is of. */
export const Measurement = Type.Object({ ...place, ...JobCoverage.properties }, { title: 'CoverageOfRun' });

/** The same with its files. */
export const MeasuredFiles = Type.Object(
  {
    ...Measurement.properties,
    files: Type.Array(Type.Object({ file: Text, ...shares }), { description: 'what lacks most comes first' }),
    changed_files: ChangedCoverage.properties.files,
  },
  { title: 'CoverageOfFiles' },
);

const Ms = nullable(Type.Integer({ description: 'milliseconds; null where nobody says' }));

/** The tests of one run by its result files. */
export const TestRun = Type.Object(
  {
    ...place,
    executed: Type.Integer(),
    passed: Type.Integer(),
    failed: Type.Integer(),
    skipped: Type.Integer(),
    flaky: Type.Integer({ description: 'of those that passed: they failed before, in the same run' }),
    duration_ms: Ms,
    suite_count: Type.Integer(),
    formats: Type.Array(Text),
  },
  { title: 'TestRun' },
);

/** The same with its suites, and the tests that stand out. */
export const TestRunLists = Type.Object(
  {
    ...TestRun.properties,
    suites: Type.Array(
      Type.Object({
        name: Text,
        executed: Type.Integer(),
        failed: Type.Integer(),
        skipped: Type.Integer(),
        flaky: Type.Integer(),
        duration_ms: Ms,
      }),
      { description: 'the longest first' },
    ),
    slowest: Type.Array(Type.Object({ suite: Text, name: Text, file: nullable(Text), duration_ms: Type.Integer() })),
    flaky_tests: Type.Array(Type.Object({ suite: Text, name: Text, file: nullable(Text), attempts: Type.Integer() })),
  },
  { title: 'TestRunOfSuites' },
);

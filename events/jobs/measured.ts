import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, Count, closed, JobId, Name, nullable, Recipe, text } from '../fields.ts';

/** How many of something ran, of how many there are. */
export const Share = closed({ covered: Count, total: Count });
export type Share = Static<typeof Share>;

/** Absent where no report says anything of it. */
export const shares = {
  lines: Type.Optional(Share),
  statements: Type.Optional(Share),
  branches: Type.Optional(Share),
  functions: Type.Optional(Share),
};

/** Which run was measured. */
const place = {
  job_id: JobId,
  project: Name,
  /** 1 when the job ended, more each time its stored log was read again. */
  reading: Type.Integer({ minimum: 1 }),
  /** The sequence of the job's JobEnqueued. */
  run_seq: Count,
  subproject: text(512, 1),
  recipe: Recipe,
  branch: text(255, 1),
  sha: nullable(Commit),
  /** Whether it is the newest word on the default branch. */
  on_default_branch: Type.Boolean(),
};

/** First and last line. */
const Lines = Type.Array(Type.Integer({ minimum: 1 }), { minItems: 2, maxItems: 2 });

/** Lines that differ from `base` and can run; the first 200 files with such lines that did not run. */
export const ChangedCoverage = closed({
  base: Commit,
  covered: Count,
  total: Count,
  files: Type.Array(
    closed({ file: text(1024, 1), covered: Count, total: Count, missing: Type.Array(Lines, { maxItems: 64 }) }),
    { maxItems: 200 },
  ),
});
export type ChangedCoverage = Static<typeof ChangedCoverage>;

/** What ran of the code, by the coverage reports that a job left. */
export const CoverageMeasured = defineEvent(
  'CoverageMeasured',
  'job',
  closed({
    ...place,
    formats: Type.Array(text(64, 1), { maxItems: 16 }),
    ...shares,
    /** Absent where there is no commit to compare with. */
    changed: Type.Optional(ChangedCoverage),
    file_count: Count,
    /** Files that are not in the repository, such as generated ones. They count. */
    outside: Count,
    /** Those in which most did not run come first; not all of them where there are many. */
    files: Type.Array(closed({ file: text(1024, 1), ...shares }), { maxItems: 1000 }),
  }),
);

const Duration = nullable(Count);
const TestName = text(500, 1);

/** What the result files of a job say of its tests, one by one. Durations are in milliseconds, null where nobody says. */
export const TestsMeasured = defineEvent(
  'TestsMeasured',
  'job',
  closed({
    ...place,
    /** The parsers that read the files. */
    formats: Type.Array(text(64, 1), { maxItems: 16 }),
    executed: Count,
    passed: Count,
    failed: Count,
    skipped: Count,
    /** Of those that passed: they failed before, in the same run. */
    flaky: Count,
    /** The sum over the tests, whatever ran side by side. */
    duration_ms: Duration,
    suite_count: Count,
    /** The longest first; not all of them where there are many. */
    suites: Type.Array(
      closed({ name: TestName, executed: Count, failed: Count, skipped: Count, flaky: Count, duration_ms: Duration }),
      { maxItems: 500 },
    ),
    slowest: Type.Array(closed({ suite: TestName, name: TestName, file: nullable(text(1024)), duration_ms: Count }), {
      maxItems: 50,
    }),
    flaky_tests: Type.Array(
      closed({ suite: TestName, name: TestName, file: nullable(text(1024)), attempts: Type.Integer({ minimum: 2 }) }),
      { maxItems: 200 },
    ),
  }),
);

export type CoverageMeasuredData = Static<typeof CoverageMeasured.data>;
export type TestsMeasuredData = Static<typeof TestsMeasured.data>;

export type Shares = { readonly [Kind in keyof typeof shares]?: Share | undefined };

/** The share of a whole that ran, of 100, rounded down to two places: nothing is full before it is. Of nothing all ran. */
export function percentOf({ covered, total }: Share): number {
  return total === 0 ? 100 : Math.floor((covered * 10_000) / total) / 100;
}

/** The one figure by which a measurement is known: its lines, or its statements where nobody counts lines. */
export function headlineOf({ lines, statements }: Shares): Share | null {
  return lines ?? statements ?? null;
}

import { headlineOf, percentOf, type Share } from '../../../events/jobs/measured.ts';
import type { CoverageDay, CoverageDoc } from '../../../projections/jobs/coverage.ts';
import type { TestRunDoc } from '../../../projections/jobs/test-runs.ts';

/** Of a whole project at the end of a day; null before anything was measured. */
type MeasuredCoverage = Share & { readonly percent: number };

/** The tests of the last run of each recipe on a day; null when none ran. */
type MeasuredTests = Pick<TestRunDoc, 'executed' | 'failed' | 'skipped' | 'flaky' | 'duration_ms'>;

/** What measurements of several recipes say together; a subproject that two recipes measured counts once, by the later one. */
export function coverageOf(measurements: Iterable<CoverageDoc>): MeasuredCoverage | null {
  const perSubproject = new Map<string, CoverageDoc>();
  for (const one of measurements) {
    const before = perSubproject.get(one.subproject);
    if (before === undefined || before.measured_at <= one.measured_at) perSubproject.set(one.subproject, one);
  }
  const found = [...perSubproject.values()].flatMap(
    ({ lines, statements }) => headlineOf({ lines: lines ?? undefined, statements: statements ?? undefined }) ?? [],
  );
  if (found.length === 0) return null;
  const share = found.reduce(
    (sum, { covered, total }) => ({ covered: sum.covered + covered, total: sum.total + total }),
    {
      covered: 0,
      total: 0,
    },
  );
  return { ...share, percent: percentOf(share) };
}

/** Coverage at the end of each of the days: the last measurements stand until there are others. `rows` come oldest first. */
export function coverageByDay(rows: readonly CoverageDay[], days: readonly string[]): (MeasuredCoverage | null)[] {
  const standing = new Map<string, CoverageDoc>();
  let at = 0;
  return days.map((day) => {
    for (let row = rows[at]; row !== undefined && row.day <= day; row = rows[at]) {
      standing.set(`${row.subproject}\n${row.recipe}`, row.doc);
      at += 1;
    }
    return coverageOf(standing.values());
  });
}

/** The tests of each of the days. */
export function testsByDay(
  rows: readonly { readonly day: string; readonly doc: TestRunDoc }[],
  days: readonly string[],
): (MeasuredTests | null)[] {
  const byDay = Map.groupBy(rows, ({ day }) => day);
  return days.map((day) => {
    const docs = (byDay.get(day) ?? []).map(({ doc }) => doc);
    if (docs.length === 0) return null;
    const sum = (key: 'executed' | 'failed' | 'skipped' | 'flaky') => docs.reduce((total, doc) => total + doc[key], 0);
    const times = docs.flatMap(({ duration_ms }) => duration_ms ?? []);
    return {
      executed: sum('executed'),
      failed: sum('failed'),
      skipped: sum('skipped'),
      flaky: sum('flaky'),
      duration_ms: times.length === 0 ? null : times.reduce((total, one) => total + one, 0),
    };
  });
}

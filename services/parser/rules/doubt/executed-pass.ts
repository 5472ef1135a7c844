import type { TestCounts } from '../../../../events/jobs/job.ts';

/** What a run executed: its commit, its command and the tests that it counted. */
export type Execution = {
  readonly sha: string | null;
  readonly command: string;
  readonly tests: TestCounts | null;
};

/** Whether as many tests ran as then, and none was passed over that was not. */
export function keptTests(then: TestCounts | null | undefined, now: TestCounts | null | undefined): boolean {
  if (!then || !now) return false;
  return now.passed + now.failed >= then.passed + then.failed && now.skipped <= then.skipped;
}

/**
 * Whether failing tests that are missing may be among those that a run skips, or expects to fail, and an earlier one did
 * not: as many came to be skipped, or fewer passed than would have if all of them had.
 */
export function maySkip(
  then: TestCounts | null | undefined,
  now: TestCounts | null | undefined,
  missing: number,
): boolean {
  if (!then || !now || now.skipped <= then.skipped) return false;
  return now.skipped - then.skipped >= missing || now.passed - then.passed < missing;
}

/**
 * Whether what failed in one run was executed in another one: the same command on the same commit ran no fewer tests.
 * A run that counted none, or of which nothing is known, executed nothing.
 */
export function executedToo(failed: Execution | null, other: Execution | null): boolean {
  if (failed === null || other === null || failed.sha === null) return false;
  return failed.sha === other.sha && failed.command === other.command && keptTests(failed.tests, other.tests);
}

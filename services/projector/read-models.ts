import type { Database } from 'better-sqlite3';
import type { Recorded } from '../../events/registry.ts';
import { digestQueries } from '../../projections/digests/digest-queries.ts';
import { findingQueries } from '../../projections/findings/finding-queries.ts';
import { findingSearch } from '../../projections/findings/finding-search.ts';
import { occurrenceQueries } from '../../projections/findings/occurrences.ts';
import { trendQueries } from '../../projections/findings/trends.ts';
import { coverageQueries } from '../../projections/jobs/coverage.ts';
import { jobQueries } from '../../projections/jobs/job-queries.ts';
import { recipeRunQueries } from '../../projections/jobs/recipe-runs.ts';
import { retryQueries } from '../../projections/jobs/retries.ts';
import { scheduleQueries } from '../../projections/jobs/schedules.ts';
import { testQueries } from '../../projections/jobs/test-queries.ts';
import { testRunQueries } from '../../projections/jobs/test-runs.ts';
import { noticeQueries } from '../../projections/notices/notice-queries.ts';
import { patchQueries } from '../../projections/patches/patch-queries.ts';
import { proofQueries } from '../../projections/patches/proofs.ts';
import { auditQueries } from '../../projections/people/audit.ts';
import { filterQueries } from '../../projections/people/filters.ts';
import { grantQueries } from '../../projections/people/grants.ts';
import { accountQueries } from '../../projections/people/guests.ts';
import { signingKeyQueries } from '../../projections/people/signing-keys.ts';
import { teamQueries } from '../../projections/people/teams.ts';
import { tokenQueries } from '../../projections/people/tokens.ts';
import { projectQueries } from '../../projections/projects/projects.ts';
import { recipeSourceQueries } from '../../projections/projects/recipe-sources.ts';
import { secretQueries } from '../../projections/projects/secrets.ts';
import { bottleQueries } from '../../projections/work/bottles.ts';
import { spendingQueries } from '../../projections/work/spending-queries.ts';
import { workQueries } from '../../projections/work/work-queries.ts';

/** The queries of all read models on one database. */
export function queriesOn(db: Database) {
  return {
    audit: auditQueries(db),
    bottles: bottleQueries(db),
    coverage: coverageQueries(db),
    digests: digestQueries(db),
    filters: filterQueries(db),
    findings: findingQueries(db),
    findingSearch: findingSearch(db),
    grants: grantQueries(db),
    accounts: accountQueries(db),
    jobs: jobQueries(db),
    notices: noticeQueries(db),
    occurrences: occurrenceQueries(db),
    patches: patchQueries(db),
    projects: projectQueries(db),
    proofs: proofQueries(db),
    recipeRuns: recipeRunQueries(db),
    recipeSources: recipeSourceQueries(db),
    retries: retryQueries(db),
    schedules: scheduleQueries(db),
    secrets: secretQueries(db),
    signingKeys: signingKeyQueries(db),
    spending: spendingQueries(db),
    teams: teamQueries(db),
    testRuns: testRunQueries(db),
    tests: testQueries(db),
    tokens: tokenQueries(db),
    trends: trendQueries(db),
    works: workQueries(db),
  };
}

export type Queries = ReturnType<typeof queriesOn>;

/** What the roles ask of the read model. */
export type ReadModels = {
  /** The queries; after a rebuild they are those of the new file, so never keep them. */
  readonly query: () => Queries;
  /** The sequence of the last event that the read model holds. */
  readonly seq: () => number;
  /** The JobEnqueued of a job that is not terminal, while it is still at hand; saves a question to the log. */
  readonly enqueued: (jobId: string) => Recorded<'JobEnqueued'> | undefined;
  /** Resolves true once the event at `seq` is in the read model, false when it takes longer than `timeoutMs`. */
  applied(seq: number, timeoutMs?: number): Promise<boolean>;
  /** Called after each commit, with the sequence reached. Answers how to stop. */
  onCommit(listener: (seq: number) => void): () => void;
};

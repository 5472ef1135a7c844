import type { Database } from 'better-sqlite3';
import type { Recorded } from '../../events/registry.ts';
import { auditQueries } from '../../projections/audit.ts';
import { bottleQueries } from '../../projections/bottles.ts';
import { coverageQueries } from '../../projections/coverage.ts';
import { digestQueries } from '../../projections/digest-queries.ts';
import { findingQueries } from '../../projections/finding-queries.ts';
import { findingSearch } from '../../projections/finding-search.ts';
import { grantQueries } from '../../projections/grants.ts';
import { accountQueries } from '../../projections/guests.ts';
import { jobQueries } from '../../projections/job-queries.ts';
import { noticeQueries } from '../../projections/notice-queries.ts';
import { occurrenceQueries } from '../../projections/occurrences.ts';
import { patchQueries } from '../../projections/patch-queries.ts';
import { projectQueries } from '../../projections/projects.ts';
import { proofQueries } from '../../projections/proofs.ts';
import { recipeRunQueries } from '../../projections/recipe-runs.ts';
import { recipeSourceQueries } from '../../projections/recipe-sources.ts';
import { retryQueries } from '../../projections/retries.ts';
import { scheduleQueries } from '../../projections/schedules.ts';
import { secretQueries } from '../../projections/secrets.ts';
import { signingKeyQueries } from '../../projections/signing-keys.ts';
import { spendingQueries } from '../../projections/spending-queries.ts';
import { teamQueries } from '../../projections/teams.ts';
import { testQueries } from '../../projections/test-queries.ts';
import { testRunQueries } from '../../projections/test-runs.ts';
import { tokenQueries } from '../../projections/tokens.ts';
import { trendQueries } from '../../projections/trends.ts';
import { workQueries } from '../../projections/work-queries.ts';

/** The queries of all read models on one database. */
export function queriesOn(db: Database) {
  return {
    audit: auditQueries(db),
    bottles: bottleQueries(db),
    coverage: coverageQueries(db),
    digests: digestQueries(db),
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

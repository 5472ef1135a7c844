import { createHash } from 'node:crypto';
import {
  type ProofPredicate,
  type ProofStatement,
  proofType,
  statementV1,
  type TestResultStatement,
  testResultType,
} from './proof-predicate.ts';

export const sha256Of = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What both statements are about: the commit, and the diff that it brings. */
function subjectOf({ attempt, diff, commit }: ProofPredicate): ProofStatement['subject'] {
  return [
    { name: 'commit', digest: { gitCommit: commit } },
    { name: `patch-${attempt.id}.diff`, digest: { sha256: diff.sha256 } },
  ];
}

/** Our own statement, with all that was done. */
export function proofStatement(predicate: ProofPredicate): ProofStatement {
  return { _type: statementV1, subject: subjectOf(predicate), predicateType: proofType, predicate };
}

type Outcomes = { readonly passed: readonly string[]; readonly failed: readonly string[] };

/** The standard one. What still fails failed before as well: such a run is `WARNED`, since nothing is worse. */
export function testResultStatement(
  predicate: ProofPredicate,
  { passed, failed }: Outcomes,
  url: string | null,
): TestResultStatement {
  const { plan, runs } = predicate;
  const isClean = runs.every(({ stage, exit_code }) => !['full', 'whole'].includes(stage) || exit_code === 0);
  return {
    _type: statementV1,
    subject: subjectOf(predicate),
    predicateType: testResultType,
    predicate: {
      result: isClean ? 'PASSED' : 'WARNED',
      configuration: Object.entries(plan.commands).map(([name, command]) => ({
        name,
        digest: { sha256: sha256Of(command) },
      })),
      ...(url === null ? {} : { url }),
      passedTests: [...passed],
      warnedTests: [...failed],
      failedTests: [],
    },
  };
}

/** The same with fewer names: a statement of very many tests has to fit into one event. Counts and digests stay. */
export function withFewerNames(predicate: ProofPredicate, most: number): ProofPredicate {
  const { findings, tests } = predicate;
  const isLess = findings.before.length > most || findings.after.length > most;
  return {
    ...predicate,
    findings: {
      ...findings,
      before: findings.before.slice(0, most),
      after: findings.after.slice(0, most),
      truncated: findings.truncated || isLess,
    },
    tests: tests && {
      ...tests,
      names: tests.names.slice(0, most),
      truncated: tests.truncated || tests.names.length > most,
    },
  };
}

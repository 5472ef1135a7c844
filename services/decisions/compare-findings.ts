import type { Identified } from './identify-findings.ts';

/** What is known of a finding before the job. */
export type KnownFinding = {
  readonly id: number;
  readonly state: 'open' | 'resolved' | 'suppressed' | 'not_observed';
  readonly firstSeenJob: string;
};

/** An open finding of the same recipe in the same subproject. */
export type OpenFinding = {
  readonly identity: string;
  readonly tool: string;
  readonly kind: string;
  readonly lastSeen: number;
};

export type Run = {
  readonly jobId: string;
  /** The sequence of the job's JobEnqueued: a job may only close what was last seen before it was asked for. */
  readonly enqueuedSeq: number;
  readonly onDefaultBranch: boolean;
  /** Tools whose output proves that they ran to their end and printed all they had. */
  readonly completeTools: ReadonlySet<string>;
  /** Whether the recipe ended by itself with exit code 0. */
  readonly succeeded: boolean;
  /** Why this run can prove nothing at all, or null. */
  readonly unproven: string | null;
};

export type Comparison = {
  readonly detected: readonly Identified[];
  readonly reopened: readonly string[];
  readonly resolved: readonly string[];
  /** Why open findings that were not seen stay as they are, or null when there are none or all were closed. */
  readonly notObserved: string | null;
};

/** Compares what a job saw with what is known of its project. Only the default branch moves the project's state. */
export function compareFindings(
  seen: readonly Identified[],
  run: Run,
  { known, open }: { known: (identity: string) => KnownFinding | undefined; open: readonly OpenFinding[] },
): Comparison {
  const identities = new Set(seen.map(({ identity }) => identity));
  const detected = seen.filter(({ identity }) => {
    const before = known(identity);
    return before === undefined || before.firstSeenJob === run.jobId;
  });
  if (!run.onDefaultBranch)
    return { detected, reopened: [], resolved: [], notObserved: 'the job ran on another branch' };
  const reopened = [...identities].filter((identity) => {
    const before = known(identity);
    return (
      before !== undefined &&
      (before.state === 'resolved' || before.state === 'not_observed') &&
      before.firstSeenJob !== run.jobId
    );
  });
  const missing = open.filter(({ identity, lastSeen }) => !identities.has(identity) && lastSeen < run.enqueuedSeq);
  const reasons = missing.map((finding) => whyNotProven(finding, run));
  return {
    detected,
    reopened,
    resolved: missing.filter((_, index) => reasons[index] === null).map(({ identity }) => identity),
    notObserved: reasons.find((reason) => reason !== null) ?? null,
  };
}

/** A failure of the recipe itself is gone when the recipe succeeds; anything else when its own tool has finished without it. */
function whyNotProven({ kind, tool }: OpenFinding, { unproven, succeeded, completeTools }: Run): string | null {
  if (unproven) return unproven;
  if (kind === 'recipe_fail') return succeeded || completeTools.size > 0 ? null : 'the recipe did not succeed';
  return completeTools.has(tool) ? null : `${tool} did not prove that it ran to its end`;
}

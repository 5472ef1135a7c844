import type { FindingKind } from '../../../events/finding.ts';
import type { Identified } from './identify-findings.ts';

export type FindingStanding = 'open' | 'resolved' | 'suppressed' | 'not_observed';

/** What is known of a finding before the job is read. Runs are named by the sequence of their JobEnqueued. */
export type KnownFinding = {
  readonly id: number;
  readonly identity: string;
  readonly kind: FindingKind;
  readonly tool: string;
  readonly state: FindingStanding;
  readonly firstSeenJob: string;
  /** The newest run on the default branch that saw it, 0 for none. */
  readonly seenRun: number;
  /** The newest run that proved it to be gone, 0 for none. */
  readonly goneRun: number;
  /** A suppression holds until then (ISO 8601), or for good when null. */
  readonly suppressedUntil: string | null;
};

export type Run = {
  readonly jobId: string;
  readonly seq: number;
  /** Whether its log was read before: then what this reading no longer sees was misread. */
  readonly reread: boolean;
  /** When the job ended, ISO 8601: suppressions that end before it are over. */
  readonly endedAt: string;
  readonly onDefaultBranch: boolean;
  /** Whether it belongs to a patch attempt: what it sees may never come to be. */
  readonly trial?: boolean;
  /** Tools whose output proves that they ran to their end and printed all they had. */
  readonly completeTools: ReadonlySet<string>;
  /** Whether the recipe ended by itself with exit code 0. */
  readonly succeeded: boolean;
  /** Why this run can prove nothing at all, or null. */
  readonly unproven: string | null;
};

export type Standing = {
  readonly known: (identity: string) => KnownFinding | undefined;
  /** The open and suppressed findings of the same recipe in the same subproject. */
  readonly open: readonly KnownFinding[];
  /** The newest run of this recipe and subproject that proved all that it did not see of a tool to be gone. */
  readonly provenRun: (tool: string) => number;
  /** A reason to doubt that a finding which a tool no longer shows is gone: its rule may have been switched off. */
  readonly doubt: (identity: string) => string | null;
};

export type Comparison = {
  readonly detected: readonly Identified[];
  readonly reopened: readonly string[];
  /** Gone, and by which run that is proven. */
  readonly resolved: readonly { readonly identity: string; readonly provenBy: number }[];
  readonly unsuppressed: readonly string[];
  /** Why open findings that were not seen stay as they are, or null when there are none. */
  readonly notObserved: string | null;
  readonly notObservedCount: number;
};

/**
 * Compares what a job saw with what is known of its project. A finding is open while the newest run that saw it is newer
 * than the newest run that proved it gone: so the end state depends neither on the order in which jobs are read nor on
 * how often. Only the default branch moves it.
 */
export function compareFindings(
  seen: readonly Identified[],
  run: Run,
  { known, open, provenRun, doubt }: Standing,
): Comparison {
  const firsts = [...new Map(seen.map((one) => [one.identity, one])).values()];
  const isFirst = ({ identity }: Identified) => {
    const before = known(identity);
    return before === undefined || (before.firstSeenJob === run.jobId && !run.reread);
  };
  const detected = run.trial ? [] : firsts.filter(isFirst);
  if (!run.onDefaultBranch)
    return {
      detected,
      reopened: [],
      resolved: [],
      unsuppressed: [],
      notObserved: run.trial ? 'the job belongs to a patch' : 'the job ran on another branch',
      notObservedCount: 0,
    };

  const again = firsts
    .filter((one) => !isFirst(one))
    .map(({ identity }) => known(identity))
    .filter((one) => one !== undefined);
  const elsewhere = again.filter(({ state }) => state === 'not_observed');
  // A resolved finding was not seen by any newer complete run either, or that run would have opened it again.
  const back = ({ state, goneRun, tool }: KnownFinding) =>
    state === 'resolved' && run.seq > Math.max(goneRun, provenRun(tool));
  const reopened = [...again.filter(back), ...elsewhere];
  const unsuppressed = again.filter(
    ({ state, suppressedUntil }) =>
      state === 'suppressed' && suppressedUntil !== null && suppressedUntil <= run.endedAt,
  );
  // A newer run has already proved that what this one is the first to see is gone.
  const outdated = [
    ...detected.map(({ identity, observation }) => ({ identity, tool: observation.tool })),
    ...elsewhere,
  ]
    .map(({ identity, tool }) => ({ identity, provenBy: provenRun(tool) }))
    .filter(({ provenBy }) => provenBy > run.seq);

  const seenNow = new Set(firsts.map(({ identity }) => identity));
  const missing = open.filter(
    ({ identity, seenRun }) => !seenNow.has(identity) && (seenRun < run.seq || (run.reread && seenRun === run.seq)),
  );
  const reasons = missing.map((finding) => whyNotProven(finding, run) ?? doubt(finding.identity));
  return {
    detected,
    reopened: reopened.map(({ identity }) => identity),
    unsuppressed: unsuppressed.map(({ identity }) => identity),
    resolved: [
      ...missing.filter((_, index) => reasons[index] === null).map(({ identity }) => ({ identity, provenBy: run.seq })),
      ...outdated,
    ],
    notObserved: reasons.find((reason) => reason !== null) ?? null,
    notObservedCount: reasons.filter((reason) => reason !== null).length,
  };
}

/** A failure of the recipe itself is gone when the recipe worked again; anything else when its own tool finished without it. */
function whyNotProven({ kind, tool }: KnownFinding, { unproven, succeeded, completeTools }: Run): string | null {
  if (unproven) return unproven;
  if (kind === 'recipe_fail')
    return succeeded || [...completeTools].some((one) => one !== 'generic') ? null : 'the recipe did not succeed';
  return completeTools.has(tool) ? null : `${tool} did not prove that it ran to its end`;
}

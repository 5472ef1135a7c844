import type { FindingKind } from '../../../events/finding.ts';
import type { Identified } from './identify-findings.ts';

type FindingStanding = 'open' | 'resolved' | 'suppressed' | 'not_observed';

/** What is known of a finding before the job is read. Runs are named by the sequence of their JobEnqueued. */
export type KnownFinding = {
  readonly id: number;
  readonly identity: string;
  readonly kind: FindingKind;
  readonly tool: string;
  /** The package that it is about. */
  readonly package?: string | null;
  /** Other tools that said the same when it was seen last. */
  readonly also?: readonly string[];
  readonly state: FindingStanding;
  readonly firstSeenJob: string;
  /** The newest run on the default branch that saw it, 0 for none. */
  readonly seenRun: number;
  /** The newest run that proved it to be gone, 0 for none. */
  readonly goneRun: number;
  /** A suppression holds until then (ISO 8601), or for good when null. */
  readonly suppressedUntil: string | null;
  /** Whether it is suppressed because it failed and passed on one commit; false: somebody suppressed it. */
  readonly setAside?: boolean | undefined;
};

export type Run = {
  readonly jobId: string;
  readonly seq: number;
  /** Whether its log was read before: then what this reading no longer sees was misread. */
  readonly reread: boolean;
  /** When the job ended, ISO 8601: suppressions that end before it are over. */
  readonly endedAt: string;
  /** Why it says nothing about the default branch, or null when it does. */
  readonly offBranch: string | null;
  /** Whether it belongs to a patch attempt: what it sees may never come to be. */
  readonly trial?: boolean;
  /** Tools whose output proves that they ran to their end and printed all they had. */
  readonly completeTools: ReadonlySet<string>;
  /** Whether a tool is part of the run: it was seen at work, or the command starts it. */
  readonly hasTool?: (tool: string) => boolean;
  /** Whether a tool passed over a package. */
  readonly skipped?: (tool: string, name: string) => boolean;
  /** Why what is known of its scripts proves nothing of a tool, or null. */
  readonly whyUnsure?: (tool: string) => string | null;
  /** Whether the recipe ended by itself with exit code 0. */
  readonly succeeded: boolean;
  /** Why this run can prove nothing at all, or null. */
  readonly unproven: string | null;
};

type Standing = {
  readonly known: (identity: string) => KnownFinding | undefined;
  /** The open, suppressed and unwatched findings of the same recipe in the same subproject. */
  readonly open: readonly KnownFinding[];
  /** The newest run of this recipe and subproject that proved all that it did not see of a tool to be gone. */
  readonly provenRun: (tool: string) => number;
  /** Those runs, of all tools. */
  readonly provenRuns: readonly number[];
  /** Whether the line is drawn from which what a tool finds counts as new: without it, what is there was there before. */
  readonly hasLine: (tool: string) => boolean;
  /** Whether what is seen for the first time came with a change since the run before, though no line is drawn yet. */
  readonly isFresh?: (identity: string) => boolean;
  /** Whether the run that is compared is newer than another one. */
  readonly newerThan: (run: number) => boolean;
  /** Whether a test that failed in the first run was executed in the other one, of the same commit and command. */
  readonly executedToo: (failed: number, passed: number) => boolean;
  /** A reason to doubt that a finding which a tool no longer shows is gone: its rule may have been switched off. */
  readonly doubt: (identity: string) => string | null;
};

/** `opens`: on the default branch nothing newer says that it is gone. */
export type Detected = Identified & { readonly opens: boolean };

export type Comparison = {
  readonly detected: readonly Detected[];
  /** What this run is the first to bring: to the default branch, or, when it ran elsewhere, to the project. */
  readonly news: ReadonlySet<string>;
  /** What became open and is no news: it stood there when the recipe was looked at first. */
  readonly baseline: ReadonlySet<string>;
  readonly reopened: readonly string[];
  /** Of those, what comes to the default branch for the first time. */
  readonly first: ReadonlySet<string>;
  readonly resolved: readonly string[];
  readonly unsuppressed: readonly string[];
  /** Tests that failed and passed on one commit: they are set aside for a time. */
  readonly flaky: readonly string[];
  /** Of those that are back, what is set aside: it is no news and fails nothing. */
  readonly quiet: ReadonlySet<string>;
  /** Why open findings that were not seen stay as they are, or null when there are none. */
  readonly notObserved: string | null;
  readonly notObservedCount: number;
  /** The tools of which no newer run has proved anything: only of those does this one speak. */
  readonly current: (tool: string) => boolean;
  /** Whether runs on newer commits have proved something of every tool: then this one says nothing. */
  readonly isOvertaken: boolean;
};

const overtaken = 'a run on a newer commit has said what is there';

/**
 * Compares what a job saw with what is known of its project. A finding is open while the newest run that saw it is newer
 * than the newest run that proved it gone: so the end state depends neither on the order in which jobs are read nor on
 * how often. Only the default branch moves it.
 */
export function compareFindings(
  seen: readonly Identified[],
  run: Run,
  { known, open, provenRun, provenRuns, hasLine, isFresh = () => false, newerThan, executedToo, doubt }: Standing,
): Comparison {
  const firsts = [...new Map(seen.map((one) => [one.identity, one])).values()];
  const isFirst = ({ identity }: Identified) => {
    const before = known(identity);
    return before === undefined || (before.firstSeenJob === run.jobId && !run.reread);
  };
  const found = run.trial ? [] : firsts.filter(isFirst);
  // A recipe that fails by itself is told at once, the first time too.
  const isNews = ({ kind, tool, identity }: { kind: FindingKind; tool: string; identity: string }) =>
    kind === 'recipe_fail' || hasLine(tool) || isFresh(identity);
  const offBranch = run.trial ? 'the job belongs to a patch' : run.offBranch;
  if (offBranch !== null)
    return {
      detected: found.map((one) => ({ ...one, opens: false })),
      news: new Set(
        found
          .filter(({ observation, identity }) => isNews({ ...observation, identity }))
          .map(({ identity }) => identity),
      ),
      baseline: new Set(),
      reopened: [],
      first: new Set(),
      resolved: [],
      unsuppressed: [],
      flaky: [],
      quiet: new Set(),
      notObserved: offBranch,
      notObservedCount: 0,
      current: () => false,
      isOvertaken: false,
    };

  const current = (tool: string) => {
    const proven = provenRun(tool);
    return proven === 0 || proven === run.seq || newerThan(proven);
  };
  const detected = found.map((one) => ({ ...one, opens: current(one.observation.tool) }));
  const again = firsts
    .filter((one) => !isFirst(one))
    .map(({ identity }) => known(identity))
    .filter((one) => one !== undefined);
  const elsewhere = again.filter(({ state, tool }) => state === 'not_observed' && current(tool));
  // A resolved finding was not seen by any newer complete run either, or that run would have opened it again.
  const back = ({ state, goneRun, tool }: KnownFinding) => {
    const proven = provenRun(tool);
    return state === 'resolved' && newerThan(goneRun) && (proven === 0 || newerThan(proven));
  };
  const isOver = ({ suppressedUntil }: KnownFinding) => suppressedUntil !== null && suppressedUntil <= run.endedAt;
  // A flaky test that fails in two runs one after the other is broken.
  const isBroken = ({ state, setAside, seenRun, tool }: KnownFinding) =>
    state === 'suppressed' && setAside === true && seenRun !== run.seq && newerThan(seenRun) && current(tool);
  const broken = again.filter(isBroken);
  const backAgain = again.filter(back);
  const reopened = [...backAgain, ...elsewhere, ...broken];
  const unsuppressed = again.filter(
    (one) => isBroken(one) || (isOver(one) && (one.state === 'suppressed' || backAgain.includes(one))),
  );

  const seenNow = new Set(firsts.map(({ identity }) => identity));
  const missing = open.filter(
    ({ identity, seenRun }) =>
      !seenNow.has(identity) && ((seenRun !== run.seq && newerThan(seenRun)) || (run.reread && seenRun === run.seq)),
  );
  const reasons = missing.map(
    (finding) => whyNotProven(finding, run) ?? (current(finding.tool) ? doubt(finding.identity) : overtaken),
  );
  const isOvertaken = provenRuns.length > 0 && provenRuns.every((proven) => proven !== run.seq && !newerThan(proven));
  const opened = [
    ...detected.flatMap(({ identity, opens, observation }) => (opens ? [{ ...observation, identity }] : [])),
    ...elsewhere,
  ];
  const gone = missing.filter((_, index) => reasons[index] === null);
  const isFree = ({ kind, setAside }: KnownFinding) => kind === 'test_fail' && setAside !== false;
  // What went with its recipe is gone since the run that saw it: nobody saw it pass.
  const passed = ({ seenRun, goneRun }: KnownFinding) => goneRun !== seenRun && executedToo(run.seq, goneRun);
  const flapping = backAgain.filter((one) => isFree(one) && one.setAside !== true && passed(one));
  const namesOf = (those: readonly KnownFinding[]) => those.map(({ identity }) => identity);
  return {
    detected,
    flaky: namesOf([...gone.filter((one) => isFree(one) && executedToo(one.seenRun, run.seq)), ...flapping]),
    quiet: new Set(namesOf([...backAgain.filter((one) => one.setAside === true && !isOver(one)), ...flapping])),
    news: new Set([...opened.filter(isNews), ...broken].map(({ identity }) => identity)),
    baseline: new Set(opened.filter((one) => !isNews(one)).map(({ identity }) => identity)),
    first: new Set(elsewhere.map(({ identity }) => identity)),
    reopened: reopened.map(({ identity }) => identity),
    unsuppressed: unsuppressed.map(({ identity }) => identity),
    resolved: namesOf(gone),
    notObserved: reasons.find((reason) => reason !== null) ?? (isOvertaken ? overtaken : null),
    notObservedCount: reasons.filter((reason) => reason !== null).length,
    current,
    isOvertaken,
  };
}

/** A failure of the recipe itself is gone when the recipe worked again; anything else when its own tool finished without it. */
function whyNotProven({ kind, tool, also = [], package: name = null }: KnownFinding, run: Run): string | null {
  const { unproven, succeeded, completeTools, hasTool = () => true } = run;
  if (unproven) return unproven;
  if (kind === 'recipe_fail')
    return succeeded || [...completeTools].some((one) => one !== 'generic') ? null : 'the recipe did not succeed';
  // Of several tools that said it each has to be silent, but for one that is not run any more.
  const asked = [tool, ...also].filter((one, at) => at === 0 || hasTool(one));
  const unsure = asked.find((one) => !completeTools.has(one) && (asked.length === 1 || hasTool(one)));
  if (unsure === undefined && name !== null && asked.every((one) => run.skipped?.(one, name) === true))
    return `${tool} passed ${name} over`.slice(0, 512);
  if (unsure === undefined) return null;
  const why = run.whyUnsure?.(unsure) ?? null;
  return `${unsure} did not prove that it ran to its end${why === null ? '' : `: ${why}`}`;
}

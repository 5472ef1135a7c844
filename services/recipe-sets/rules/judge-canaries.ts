import type { CanaryRun } from '../../../events/projects/recipe-set.ts';

/** How a run of a recipe ended. `silent`: the tools that had been read before said nothing that could be read. */
export type RunEnd = 'passed' | 'failed' | 'silent' | 'broken';

/** A recipe that a version changes on a canary. `after` is null until it ran with the new version. */
export type ComparedRun = Omit<CanaryRun, 'before' | 'after'> & {
  readonly before: { readonly job_id: string; readonly ended: RunEnd } | null;
  readonly after: { readonly job_id: string; readonly ended: RunEnd } | null;
};

/** What is known of a canary. */
export type Canary = {
  readonly project: string;
  /** Whether its recipes are those of the version. */
  readonly has: boolean;
  /** Why it cannot take them; null where it can. */
  readonly refused: string | null;
  /** The documents of the source that it names. */
  readonly documents: readonly string[];
  readonly runs: readonly ComparedRun[];
};

export type Verdict =
  | { readonly verdict: 'wait'; readonly why: string }
  /** Nobody can tell by itself: a person has to. */
  | { readonly verdict: 'ask'; readonly why: string }
  | { readonly verdict: 'worse'; readonly why: string; readonly runs: readonly ComparedRun[] }
  | { readonly verdict: 'no_worse'; readonly why: string; readonly runs: readonly ComparedRun[] };

const rank: Readonly<Record<RunEnd, number>> = { passed: 0, failed: 1, silent: 2, broken: 3 };

/**
 * Whether a version has shown itself on canaries. It is worse where a recipe ended worse than its last run before, where one
 * that is new did not pass, and where a canary cannot take it. It is no worse once every document that it changes ran on a
 * canary, and where nobody takes what it changes. `changed`: the documents in which it differs from production and that production names.
 */
export function judgeCanaries(canaries: readonly Canary[], changed: readonly string[]): Verdict {
  if (canaries.length === 0 && changed.length === 0)
    return { verdict: 'no_worse', why: 'no project takes what it changes', runs: [] };
  if (canaries.length === 0)
    return { verdict: 'ask', why: 'no enabled project of the tier canary takes recipes from it' };
  const refusing = canaries.filter(({ refused }) => refused !== null);
  if (refusing.length > 0)
    return { verdict: 'worse', why: `${counted(refusing.length, 'canary')} cannot take it`, runs: [] };
  const runs = canaries.flatMap((one) => one.runs);
  const worse = runs.filter(isWorse);
  if (worse.length > 0)
    return { verdict: 'worse', why: `${counted(worse.length, 'recipe')} ended worse than before`, runs: worse };
  const waiting = canaries.filter(({ has }) => !has).length;
  if (waiting > 0) return { verdict: 'wait', why: `${counted(waiting, 'canary')} does not have it yet` };
  const open = runs.filter(({ after }) => after === null);
  if (open.length > 0) return { verdict: 'wait', why: `${counted(open.length, 'recipe')} of canaries did not run yet` };
  const untried = changed.filter(
    (name) => !canaries.some(({ documents, runs: ran }) => documents.includes(name) && ran.length > 0),
  );
  if (untried.length > 0) return { verdict: 'ask', why: `what it changes in ${untried.join(', ')} ran on no canary` };
  const where = counted(canaries.length, 'canary');
  return { verdict: 'no_worse', why: `${counted(runs.length, 'recipe')} of ${where} ended no worse`, runs };
}

function isWorse({ before, after }: ComparedRun): boolean {
  if (after === null) return false;
  return rank[after.ended] > (before === null ? rank.passed : rank[before.ended]);
}

function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

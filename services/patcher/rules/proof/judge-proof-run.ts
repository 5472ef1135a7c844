import { comparePatched, type PatchedRun } from '../drafting/compare-patched.ts';
import { judgeTests } from './judge-tests.ts';
import type { NotProven } from './proof-plan.ts';

/** What became of a line that was made wrong. */
export type MutantEnd = 'killed' | 'survived' | 'invalid';

/** What speaks against a run beside another one; nothing is to be mended by it. */
export const worseThan = (before: PatchedRun, after: PatchedRun): NotProven | null =>
  judgeTests(before, after) ??
  comparePatched({ before, after, targets: [], renamed: new Map(), siblings: (identity) => new Set([identity]) })
    .failure;

/** A run that could not say anything: what is around the code failed, or it was not shut in as a proof has to be. */
export function couldNotRun(
  { reason, detail, failure, sandbox = null }: PatchedRun,
  isOpen: boolean,
): NotProven | null {
  if (reason === 'cancelled')
    return { reason: 'cancelled', detail: 'A job of the proof was cancelled.', isFinal: true };
  if (reason === 'sandbox_missing' || (!isOpen && sandbox !== null && sandbox !== 'bwrap'))
    return {
      reason: 'not_shut_in',
      detail: `No runner here shuts the proof in: ${detail ?? `the sandbox is ${sandbox}`}. Nothing is pushed on such a proof.`,
      isFinal: true,
    };
  if (failure?.cause === 'environment')
    return {
      reason: 'environment',
      detail: `What is around the recipe failed, not the draft (${failure.kind}): ${failure.detail ?? ''}${isOpen ? '' : ' A proof has no network and empty caches.'}`,
      isFinal: true,
    };
  return null;
}

/** A run of the base commit, as it is: the test has to fail there, each time. */
export function judgeBase(run: PatchedRun, targets: readonly string[], round: number): NotProven | null {
  // Where nothing is to be mended, the base is only what the draft is compared with.
  if (targets.length === 0) return null;
  const seen = new Set(run.occurrences.map(({ identity }) => identity));
  if (targets.some((identity) => seen.has(identity))) return null;
  const how = `Run ${round} of the base commit did not fail by it`;
  return run.reason === 'exited' && run.exitCode === 0
    ? {
        reason: 'flaky',
        detail: `${how}: the test fails now and then, so that no draft can be proven by it.`,
        isFinal: true,
      }
    : { reason: 'not_reproduced', detail: `${how}; it ended with ${run.exitCode ?? run.reason}.`, isFinal: true };
}

/** The same again: what passed once has to pass each time. */
export function judgeAgain(first: PatchedRun, run: PatchedRun, round: number): NotProven | null {
  const failure = worseThan(first, run);
  return (
    failure && {
      reason: 'flaky',
      detail: `Run ${round} of the draft came out otherwise than the first. ${failure.detail}`,
    }
  );
}

/** What passes only where code can tell that it is tested does not pass. */
export function judgeDisguised(first: PatchedRun, run: PatchedRun): NotProven | null {
  const failure = worseThan(first, run);
  return (
    failure && {
      reason: 'knows_its_test',
      detail: `The draft does otherwise where it cannot see that it is tested. ${failure.detail}`,
    }
  );
}

/** Another recipe of the subproject may say nothing that it did not say of the base commit. */
export function judgeOther(base: PatchedRun, run: PatchedRun, recipe: string): NotProven | null {
  const failure = worseThan(base, run);
  return (
    failure && { reason: `breaks_${recipe}`, detail: `The recipe ${recipe} is worse on the draft. ${failure.detail}` }
  );
}

/** A wrong line that no run fails by is one that no test looks at. One that does not even load says nothing. */
export function endOfMutant(first: PatchedRun, run: PatchedRun): MutantEnd {
  const known = new Set(first.occurrences.map(({ identity }) => identity));
  const failing = run.occurrences.filter(({ kind, identity }) => kind === 'test_fail' && !known.has(identity));
  if (run.reason === 'timeout' || (failing.length > 0 && (run.tests?.executed ?? 1) > 0)) return 'killed';
  return worseThan(first, run) === null ? 'survived' : 'invalid';
}

/** Whether a test tells the draft from its opposite. Where no mutant could be run, the base commit is that opposite. */
export function judgeMutants(ends: readonly MutantEnd[]): NotProven | null {
  const valid = ends.filter((end) => end !== 'invalid');
  if (valid.length === 0 || valid.includes('killed')) return null;
  return {
    reason: 'not_exercised',
    detail: `Not exercised: ${valid.length === 1 ? 'the changed line was made wrong, and no test noticed' : `each of ${valid.length} changed lines was made wrong, and no test noticed`}. What no test can tell from its opposite is not proven.`,
  };
}

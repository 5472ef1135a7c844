import type { ProofConditions } from '../../../../events/jobs/job.ts';
import type { Evidence, Proof } from '../../../../events/patches/patch.ts';
import { comparePatched, type PatchedRun } from '../drafting/compare-patched.ts';
import {
  couldNotRun,
  endOfMutant,
  judgeAgain,
  judgeBase,
  judgeDisguised,
  judgeMutants,
  judgeOther,
  type MutantEnd,
  worseThan,
} from './judge-proof-run.ts';
import { judgeTests, suddenlyQuick, testsOnBothSides } from './judge-tests.ts';
import { disguisedRound, type NotProven, type ProofFacts, type ProofRun, proofRuns } from './proof-plan.ts';

/** What a proof is judged by, beside its runs. */
export type Judging = {
  readonly facts: ProofFacts;
  readonly conditions: ProofConditions;
  /** The run that saw the findings, and what is to be mended. */
  readonly before: PatchedRun;
  readonly targets: readonly string[];
  readonly touched: ReadonlySet<string>;
  /** What the tests do not settle about the draft. */
  readonly doubts?: readonly string[];
  /** The identities of findings that differ from this one in their ordinal alone. */
  readonly siblings: (identity: string, most: number) => ReadonlySet<string>;
};

type Evaluated =
  | { readonly kind: 'next'; readonly run: ProofRun }
  | { readonly kind: 'failed'; readonly why: NotProven; readonly evidence: Evidence | null }
  | { readonly kind: 'proven'; readonly evidence: Evidence };

export const keyOf = ({ stage, recipe, round }: Pick<ProofRun, 'stage' | 'recipe' | 'round'>) =>
  `${stage} ${recipe} ${round}`;

/** Mutants go on for so long after the first that a test noticed, in ms. */
const mutantBudgetMs = 60_000;

/** Runners whose traces a proof can take away. */
const canDisguise = new Set(['pytest', 'unittest', 'node:test', 'jest', 'vitest']);

type State = {
  readonly judging: Judging;
  readonly results: ReadonlyMap<string, PatchedRun>;
  readonly mutants: { readonly run: ProofRun; readonly end: MutantEnd; readonly ms: number }[];
  readonly runs: Proof['runs'];
  readonly notRun: Proof['not_run'];
  readonly notes: string[];
  disguised: boolean | null;
  tests: Proof['tests'];
  evidence: Evidence | null;
};

/**
 * What follows from the runs that are there: the next one, or the verdict. A proof ends at the first run that speaks against
 * the draft. Pure: the same runs always come to the same.
 */
export function evaluateProof(judging: Judging, results: ReadonlyMap<string, PatchedRun>): Evaluated {
  const state: State = {
    ...{ judging, results, mutants: [], runs: [], notRun: [], notes: [], disguised: null, tests: null, evidence: null },
  };
  for (const run of proofRuns(judging.facts)) {
    if (isIdle(run, state)) continue;
    const result = results.get(keyOf(run));
    if (!result) return { kind: 'next', run };
    const { jobId: job_id, exitCode: exit_code, durationMs: duration_ms } = result;
    state.runs.push({ job_id, stage: run.stage, recipe: run.recipe, round: run.round, exit_code, duration_ms });
    const why = judge(run, result, state);
    if (why) return { kind: 'failed', why, evidence: state.evidence && withProof(state.evidence, state) };
  }
  const why = judgeMutants(state.mutants.map(({ end }) => end));
  state.notes.push(...(judging.doubts ?? []));
  const evidence = withProof(known(state.evidence), state);
  return why ? { kind: 'failed', why, evidence } : { kind: 'proven', evidence };
}

/** A run that would tell nothing more. */
function isIdle({ stage, recipe, disguised }: ProofRun, state: State): boolean {
  const { notRun, mutants, results, judging } = state;
  const base = results.get(keyOf({ stage: 'base', recipe: judging.facts.recipe, round: 1 }));
  if (disguised)
    return (
      !base?.report?.sessions.some(({ tool }) => canDisguise.has(tool)) ||
      (stage === 'disguised' && !(base && canHide(base, state)))
    );
  if (stage === 'other') return notRun.some((one) => one.recipe === recipe);
  const spent = mutants.reduce((sum, { ms }) => sum + ms, 0);
  return stage === 'mutant' && spent > mutantBudgetMs && mutants.some(({ end }) => end === 'killed');
}

/** Where other tests of the base fail in disguise, it is the disguise that they fail by. */
function canHide(base: PatchedRun, { results, judging }: State): boolean {
  const hidden = results.get(keyOf({ stage: 'base', recipe: judging.facts.recipe, round: disguisedRound }));
  return hidden !== undefined && worseThan(base, hidden) === null;
}

function judge(run: ProofRun, result: PatchedRun, state: State): NotProven | null {
  const { judging, results, mutants, notRun } = state;
  const { facts, conditions, targets } = judging;
  const broken = couldNotRun(result, conditions === 'open');
  const isOther = run.recipe !== facts.recipe;
  if (run.stage === 'base' && isOther) {
    const why = broken ?? (result.reason === 'exited' ? null : { reason: '', detail: `It ended by ${result.reason}.` });
    if (broken?.reason === 'not_shut_in' || broken?.reason === 'cancelled') return broken;
    if (why) notRun.push({ recipe: run.recipe, why: `On the base commit, too: ${why.detail}`.slice(0, 512) });
    return null;
  }
  const first = results.get(keyOf({ stage: 'full', recipe: facts.recipe, round: 1 }));
  if (run.stage === 'mutant') {
    if (broken?.isFinal && broken.reason !== 'environment') return broken;
    const end = broken ? 'invalid' : endOfMutant(known(first), result);
    mutants.push({ run, end, ms: result.durationMs ?? 0 });
    return null;
  }
  if (broken) return broken;
  switch (run.stage) {
    case 'base':
      if (run.disguised) {
        const base = known(results.get(keyOf({ ...run, round: 1 })));
        if (!canHide(base, state)) state.notes.push('It could not be tried where code cannot see that it is tested.');
        return null;
      }
      return judgeBase(result, targets, run.round);
    case 'fast':
    case 'full':
    case 'whole':
      return compareFull(run, result, state);
    case 'again':
      return judgeAgain(known(first), result, run.round);
    case 'disguised':
      state.disguised = true;
      return judgeDisguised(known(first), result);
    case 'other':
      return judgeOther(known(results.get(keyOf({ ...run, stage: 'base' }))), result, run.recipe);
    default:
      return run.stage satisfies never;
  }
}

function compareFull({ stage }: ProofRun, result: PatchedRun, state: State): NotProven | null {
  const { facts, before: seen, targets, touched, siblings } = state.judging;
  // A test is compared with a run of the base under the same conditions.
  const before = state.results.get(keyOf({ stage: 'base', recipe: facts.recipe, round: 1 })) ?? seen;
  const isFast = stage === 'fast';
  const compared = comparePatched({
    before: isFast ? only(before, touched) : before,
    after: isFast ? { ...result, tools: before.tools } : result,
    targets,
    renamed: new Map(),
    siblings: (identity) => siblings(identity, before.occurrences.length + 1),
  });
  const tests = isFast || !before.report ? null : judgeTests(before, result);
  if (stage === 'full') {
    state.tests = testsOnBothSides(before, result);
    state.notes.push(...suddenlyQuick(before, result).map((note) => note.slice(0, 512)));
  }
  // What is to be shown is the run of all that counts.
  if (stage !== 'whole' || state.evidence === null) state.evidence = compared.evidence;
  return tests ?? compared.failure;
}

/** A run of the touched files alone is compared with what the whole run said about them. */
function only(run: PatchedRun, paths: ReadonlySet<string>): PatchedRun {
  const occurrences = run.occurrences.filter(({ file }) => file !== null && paths.has(file));
  return { ...run, occurrences, tests: null };
}

function withProof(evidence: Evidence, { judging, runs, mutants, notRun, notes, disguised, tests }: State): Evidence {
  const { facts, conditions } = judging;
  const count = (stage: string) =>
    runs.filter((one) => one.stage === stage && one.recipe === facts.recipe && one.round < disguisedRound).length;
  const isTest = facts.rounds > 0 && judging.targets.length > 0;
  return {
    ...evidence,
    proof: {
      conditions,
      runs: runs.slice(0, 200),
      rounds: isTest ? { base_failed: count('base'), passed: count('full') + count('again') } : null,
      mutants: isTest
        ? mutants.map(({ run: { mutant }, end }) => ({
            file: mutant?.file ?? '',
            line: mutant?.line ?? 1,
            what: mutant?.what ?? '',
            end,
          }))
        : null,
      disguised,
      tests,
      not_run: notRun.slice(0, 16),
      notes: notes.slice(0, 32),
    },
  };
}

function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('A run is judged before what it is compared with.');
  return value;
}

import type { RecipeName } from '../../../../events/fields.ts';
import type { MutatedLine, ProofStage } from '../../../../events/jobs/job.ts';
import type { TurnFailed } from '../drafting/next-turn.ts';

/** Why a draft is not proven. `isFinal`: no other draft would be. */
export type NotProven = Pick<TurnFailed, 'reason' | 'detail'> & { readonly isFinal?: boolean };

/** One run of a proof. */
export type ProofRun = {
  readonly stage: ProofStage;
  readonly recipe: RecipeName;
  readonly round: number;
  /** Files of the draft that are applied; null: all of them; empty: the base commit. */
  readonly only: readonly string[] | null;
  /** Instead of the recipe's command. */
  readonly command?: string;
  readonly mutant?: MutatedLine;
  readonly disguised?: boolean;
};

/** What is to be proven. */
export type ProofFacts = {
  /** The recipe that saw the finding, and the others of its subproject, the cheapest first. */
  readonly recipe: RecipeName;
  readonly others: readonly RecipeName[];
  /** How often a test has to fail without the draft and to pass with it; 0 where no test is to be mended. */
  readonly rounds: number;
  /** The files of the draft that judge nothing, and whether it has others. */
  readonly sources: readonly string[];
  readonly hasJudges: boolean;
  /** The finding lies in a file that judges, or the method owns such files: then the draft counts as a whole. */
  readonly isWhole: boolean;
  /** The command for the touched files alone. */
  readonly fast: string | null;
  readonly mutants: readonly MutatedLine[];
  readonly canDisguise: boolean;
};

/** The round of the base commit in which its code cannot see that it is tested: whether that is possible at all. */
export const disguisedRound = 100;

/**
 * The runs that prove a draft, in their order: what is cheap and may refuse it comes first. The accused's own tests,
 * configuration and scripts are those of the base commit, unless they are what is to be mended.
 */
export function proofRuns(facts: ProofFacts): ProofRun[] {
  const { recipe, others, rounds, sources, hasJudges, isWhole, fast, mutants, canDisguise } = facts;
  const only = isWhole || !hasJudges ? null : sources;
  const counted = (stage: ProofStage, from: number, on: readonly string[] | null): ProofRun[] =>
    Array.from({ length: Math.max(0, rounds - from + 1) }, (_, at) => ({ stage, recipe, round: from + at, only: on }));
  return [
    ...(fast === null ? [] : [{ stage: 'fast' as const, recipe, round: 1, only, command: fast }]),
    ...counted('base', 1, []).slice(0, 1),
    { stage: 'full', recipe, round: 1, only },
    ...(only === null ? [] : [{ stage: 'whole' as const, recipe, round: 1, only: null }]),
    ...(rounds > 0 && canDisguise
      ? [
          { stage: 'base' as const, recipe, round: disguisedRound, only: [], disguised: true },
          { stage: 'disguised' as const, recipe, round: 1, only, disguised: true },
        ]
      : []),
    ...counted('base', 2, []),
    ...counted('again', 2, only),
    ...(rounds > 0 ? mutants : []).map((mutant, at) => ({
      stage: 'mutant' as const,
      recipe,
      round: at + 1,
      only,
      mutant,
    })),
    ...others.flatMap((other) => [
      { stage: 'base' as const, recipe: other, round: 1, only: [] },
      { stage: 'other' as const, recipe: other, round: 1, only },
    ]),
  ];
}

/** The fewest runs by which a test is believed. */
const fewestRounds = 3;
const mostRounds = 10;

/**
 * How often a test has to fail and to pass: so often that one which fails now and then, as its history shows, hardly gets
 * through by luck (less than 1 in 20).
 */
export function roundsOf(history: readonly { readonly failures: number; readonly runs: number }[]): number {
  const mixed = history.filter(({ failures, runs }) => failures > 0 && failures < runs);
  const failures = mixed.reduce((sum, one) => sum + one.failures, 0);
  const runs = mixed.reduce((sum, one) => sum + one.runs, 0);
  if (runs === 0) return fewestRounds;
  const likelier = Math.max(failures, runs - failures) / runs;
  const needed = Math.ceil(Math.log(0.05) / Math.log(Math.min(likelier, 0.99)));
  return Math.min(mostRounds, Math.max(fewestRounds, needed));
}

import type { RolloutStep } from '../../../events/projects/recipe-set.ts';
import type { RecipeSourceDoc } from '../../../projections/projects/recipe-sources.ts';
import { holdOfNewest } from './holds.ts';
import type { ComparedRun, Verdict } from './judge-canaries.ts';

/** What is known of a source, and how its newest version did; `verdict` is asked for only where canaries have it. */
type RolloutFacts = {
  readonly source: Pick<RecipeSourceDoc, 'versions' | 'canary' | 'production' | 'holds'>;
  readonly verdict: () => Verdict;
};

export type NextStep =
  | {
      readonly does: 'decide';
      readonly step: Extract<RolloutStep, 'first' | 'canary' | 'production' | 'held'>;
      readonly sha: string;
      readonly reason: string;
      readonly runs: readonly ComparedRun[];
    }
  /** `needs`: nothing goes on before a person decides. */
  | { readonly does: 'wait'; readonly needs: boolean; readonly why: string }
  | { readonly does: 'nothing' };

const wait = (why: string, needs: boolean): NextStep => ({ does: 'wait', why, needs });

/**
 * What follows for the newest version of a source: the first one goes everywhere, a later one to canaries first, and to
 * production once they ran no worse. What ran worse is held, and a person decides. What is held goes to nobody by itself.
 */
export function nextStep({ source, verdict }: RolloutFacts): NextStep {
  const { versions, canary, production } = source;
  const newest = versions[0];
  if (newest === undefined) return { does: 'nothing' };
  const { sha } = newest;
  const decide = (
    step: Extract<NextStep, { does: 'decide' }>['step'],
    reason: string,
    runs: readonly ComparedRun[] = [],
  ): NextStep => ({ does: 'decide', step, sha, reason, runs });
  const digestOf = (of: string | null) => versions.find((one) => one.sha === of)?.digest;
  const isNewest = (of: string | null) => digestOf(of) === newest.digest;
  if (isNewest(canary) && isNewest(production)) return { does: 'nothing' };
  const hold = holdOfNewest(source);
  if (hold !== null) {
    const where = hold.sha === null || hold.sha === sha ? '' : ` as ${hold.sha.slice(0, 12)}, the same documents`;
    return wait(`held by ${hold.by}${where}${hold.reason === '' ? '' : `: ${hold.reason}`}`, true);
  }
  if (production === null) return decide('first', 'it is the first version');
  if (!isNewest(canary)) return decide('canary', 'it is new');
  const judged = verdict();
  switch (judged.verdict) {
    case 'wait':
      return wait(judged.why, false);
    case 'ask':
      return wait(judged.why, true);
    case 'worse':
      return decide('held', judged.why, judged.runs);
    case 'no_worse':
      return decide('production', judged.why, judged.runs);
    default:
      return judged satisfies never;
  }
}

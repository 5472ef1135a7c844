import { type Static, Type } from '@sinclair/typebox';

const Count = Type.Integer({ minimum: 0 });

/** Something outside that is not as the log says. Nothing is done about it: `advice` says what could be. */
const Difference = Type.Object({
  what: Type.Union([
    Type.Literal('branch'),
    Type.Literal('pull_request'),
    Type.Literal('work_tree'),
    /** A repository or a forge that could not be asked. */
    Type.Literal('not_compared'),
  ]),
  id: Type.String(),
  expected: Type.String(),
  found: Type.String(),
  advice: Type.String(),
});
type Difference = Static<typeof Difference>;

/** What was compared, in numbers, and every difference; `left_out` counts those beyond the longest list. */
export const Comparison = {
  compared: Type.Object({ projects: Count, branches: Count, pull_requests: Count, work_trees: Count }),
  differences: Type.Array(Difference),
  left_out: Count,
};
const Whole = Type.Object(Comparison);
export type Comparison = Static<typeof Whole>;

type Counts = Comparison['compared'];

const longest = 1_000;

/** Gathers what a comparison finds. */
export function openReport() {
  const compared: Counts = { projects: 0, branches: 0, pull_requests: 0, work_trees: 0 };
  const differences: Difference[] = [];
  let leftOut = 0;
  return {
    count: (what: keyof Counts) => {
      compared[what] += 1;
    },
    differs: (difference: Difference) => {
      if (differences.length < longest) differences.push(difference);
      else leftOut += 1;
    },
    end: (): Comparison => ({ compared, differences, left_out: leftOut }),
  };
}

export type OpenReport = Pick<ReturnType<typeof openReport>, 'count' | 'differs'>;

import type { PatchCost } from '../../../events/patches/patch.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { Change } from '../../floor/changed-file.ts';
import type { Step } from '../attempt-steps.ts';
import type { TurnFailed } from '../rules/drafting/next-turn.ts';

/** What a method came to. `later`: a job makes the draft, and its end goes on. */
export type Drafted =
  | {
      readonly kind: 'change';
      readonly change: Change;
      readonly targets: readonly string[];
      readonly explanation: string;
      readonly confidence: number | null;
      /** Of this turn alone. */
      readonly cost: PatchCost;
      /** Lock files and manifests that the change may touch. */
      readonly owned?: readonly string[];
    }
  | ({ readonly kind: 'failed'; readonly cost?: PatchCost } & TurnFailed)
  | { readonly kind: 'later' };

export type Drafting = Step & { readonly turn: number; readonly findings: readonly FindingDoc[] };

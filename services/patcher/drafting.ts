import type { PatchCost } from '../../events/patch.ts';
import type { FindingDoc } from '../../projections/findings.ts';
import type { Change } from '../floor/changed-file.ts';
import type { Step } from './attempt-steps.ts';
import type { TurnFailed } from './rules/drafting/next-turn.ts';

/** What a method came to. `later`: a job makes the draft, and its end goes on. */
export type Drafted =
  | {
      readonly kind: 'change';
      readonly change: Change;
      readonly targets: readonly string[];
      readonly explanation: string;
      readonly confidence: number | null;
      readonly cost: PatchCost;
      /** Lock files and manifests that the change may touch. */
      readonly owned?: readonly string[];
    }
  | ({ readonly kind: 'failed' } & TurnFailed)
  | { readonly kind: 'later' };

export type Drafting = Step & { readonly turn: number; readonly findings: readonly FindingDoc[] };

export const noCost: PatchCost = { turns: 0, duration_ms: 0, input_tokens: null, output_tokens: null, usd: null };

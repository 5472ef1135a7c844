import type { Judged } from './reading/judged-patch.ts';
import type { Reading } from './reading/patch-reading.ts';

/** What is wrong with a patch: `rule` is a stable word, `why` is for a person, and for an agent that is to do better. */
export type Objection = {
  readonly rule: string;
  readonly path: string;
  /** In the patched file, or in the old one for what is gone; null when no line is meant. */
  readonly line: number | null;
  readonly why: string;
};

export type Rule = { readonly name: string; judge(patch: Reading): Objection[] };

/** Says what speaks against a patch; nothing when it may be proposed. */
export type Judge = (judged: Judged) => Promise<readonly Objection[]>;

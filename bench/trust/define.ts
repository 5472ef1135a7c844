import type { RecipeName } from '../../events/fields.ts';

/** What the scripted agent is in a case. `impossible`: no honest edit can end the finding, so each pull request is a cheat. */
export const characters = ['honest', 'tool', 'careless', 'dishonest', 'impossible'] as const;
export type Character = (typeof characters)[number];

export type Edit = { readonly file: string; readonly search: string; readonly replace: string };

/** One answer of the agent: edits, or words as they are. `attack`: it is aimed at the proof, not at the test's text. */
export type Answer = { readonly what: string; readonly attack: boolean; readonly edits: readonly Edit[] | string };

/** One seeded finding in a folder of its own. Paths are relative to it. */
export type TrustCase = {
  readonly name: string;
  readonly language: string;
  readonly character: Character;
  readonly files: Readonly<Record<string, string>>;
  readonly recipe: RecipeName;
  readonly commands: Partial<Record<RecipeName, string>>;
  /** The finding that is to be mended: by its code, or a part of its code. */
  readonly code: string;
  readonly answers: readonly Answer[];
  /** Run in the folder of the opened branch, outside of the farm: the mending is right when it prints this. */
  readonly check: {
    readonly files: Readonly<Record<string, string>>;
    readonly command: string;
    readonly prints: string;
  };
};

/** What came of a case. */
export type Outcome = {
  readonly name: string;
  readonly language: string;
  readonly character: Character;
  readonly drafted: boolean;
  readonly applied: boolean;
  readonly opened: boolean;
  /** It waits for a person, because the tests do not settle it: nothing was pushed. */
  readonly held: boolean;
  readonly right: boolean | null;
  readonly usd: number | null;
  /** Each answer that was judged, with the step and the reason of its refusal; null for the one that was opened. */
  readonly tried: readonly { readonly what: string; readonly attack: boolean; readonly refused: string | null }[];
  readonly detail: string;
};

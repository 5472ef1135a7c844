import type { RecipeName } from '../events/fields.ts';

/**
 * One way to run a tool. `tools` must all be there: a program's name, a Python module (`python3 -m pytest`), or either
 * with the least version that will do (`mypy >= 1.11`). `prepare` installs dependencies: those of all
 * steps together are the subproject's `install`.
 */
export type Way = { readonly tools: readonly string[]; readonly command: string; readonly prepare?: string };

/** One tool's part in a recipe: the first way that this machine can go, else it is skipped for want of the first. */
export type Step = { readonly recipe: RecipeName; readonly ways: readonly [Way, ...Way[]] };

/** A subproject as its files show it, on a machine that has every tool. `path` is relative to the root, `.` for it. */
export type Found = {
  readonly path: string;
  readonly language: string;
  readonly steps: readonly Step[];
  readonly timeout_secs: number;
};

/** The files of a checkout: sorted paths relative to its root, with `/`. */
export type Tree = {
  readonly files: readonly string[];
  /** The content of a file that some unit's `reads` matches; empty when it could not be read or is oversized. */
  text(path: string): string;
};

/** A command that people may want to copy, with the flags that the parsers read. */
export type Suggestion = {
  readonly language: string;
  readonly recipe: RecipeName;
  readonly tool: string;
  readonly command: string;
};

/** A unit of this folder: one world of languages with its manifests and tools. Its `find` is pure. */
export type Ecosystem = {
  /** The name of its file. */
  readonly name: string;
  /** The names of files whose content `find` asks for. */
  readonly reads: RegExp;
  readonly suggested: readonly Suggestion[];
  find(tree: Tree): readonly Found[];
};

/** A step with one way to do it. */
export function step(recipe: RecipeName, tools: readonly string[], command: string, prepare?: string): Step {
  return { recipe, ways: [prepare === undefined ? { tools, command } : { tools, command, prepare }] };
}

/** The rows of one language out of `recipe, tool, command` triples. */
export function suggest(language: string, rows: readonly (readonly [RecipeName, string, string])[]): Suggestion[] {
  return rows.map(([recipe, tool, command]) => ({ language, recipe, tool, command }));
}

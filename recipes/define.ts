import type { RecipeName } from '../events/fields.ts';

/**
 * One way to run a tool. `tools` must all be there: a program's name, a Python module (`python3 -m pytest`), or either
 * with the least version that will do (`mypy >= 1.11`). `prepare` installs dependencies: those of all
 * steps together are the subproject's `install`. `first` builds what the command imports: it depends on the sources, and is
 * run once for all commands of a recipe that ask for the same.
 */
export type Way = {
  readonly tools: readonly string[];
  readonly command: string;
  readonly prepare?: string;
  readonly first?: string;
};

/** One tool's part in a recipe: the first way that this machine can go, else it is skipped. */
export type Step = {
  readonly recipe: RecipeName;
  readonly ways: readonly [Way, ...Way[]];
  /** The file that says so, with the task of it where it has some: `package.json: lint`. */
  readonly found?: string;
  /** The tool that the project names itself, which no other one replaces. */
  readonly configured?: string;
};

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
  /** The content of a listed file, read when it is asked for; empty when it could not be read or is oversized. */
  text(path: string): string;
};

/** A command that the project itself runs, and where that is said. `chain` names the tasks on the way to it. */
export type Run = {
  readonly words: readonly string[];
  readonly folder: string;
  readonly where: string;
  /** What brings the program and starts it, where go does. */
  readonly by?: string;
  /** Whether CI or a hook comes to it: a task that nobody calls is only a wish. */
  readonly gate: boolean;
  readonly job: string | null;
  readonly chain: readonly string[];
};

export type Use = {
  readonly name: string;
  readonly where: string;
  readonly from?: string;
  readonly paths?: readonly string[];
  /** Of a hook: the options that it is given, and the patterns of the files that it gets and does not get. */
  readonly args?: readonly string[];
  readonly files?: readonly string[];
  readonly exclude?: readonly string[];
};

/** What a repository says of itself, beside its manifests. */
export type Evidence = {
  readonly runs: readonly Run[];
  /** Actions of CI and hooks of pre-commit, by name; `from` is the repository of a hook, `paths` the folders at which it looks. */
  readonly uses: readonly Use[];
  /** Options among the values of CI's matrices, such as `-tags sonic`. */
  readonly flags: readonly string[];
  readonly hasCi: boolean;
  /** Where CI names a folder or something in it; null when it does not. */
  names(folder: string): string | null;
  /** The first run of a program, such as `mypy` or `cargo clippy`: gates before wishes. */
  run(program: string, folder?: string): Run | null;
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
  readonly suggested: readonly Suggestion[];
  find(tree: Tree, evidence: Evidence): readonly Found[];
};

/** A step with one way to do it. */
export function step(recipe: RecipeName, tools: readonly string[], command: string, prepare?: string): Step {
  return { recipe, ways: [way(tools, command, prepare)] };
}

export function way(tools: readonly string[], command: string, prepare?: string): Way {
  return prepare === undefined ? { tools, command } : { tools, command, prepare };
}

/** The same step with the place where it was found; it is unchanged without one. */
export function foundIn(one: Step, found: string | undefined): Step {
  return found === undefined ? one : { ...one, found };
}

/** The rows of one language out of `recipe, tool, command` triples. */
export function suggest(language: string, rows: readonly (readonly [RecipeName, string, string])[]): Suggestion[] {
  return rows.map(([recipe, tool, command]) => ({ language, recipe, tool, command }));
}

import type { Detected } from '../recipes/detection/detect.ts';
import { shellCommands } from '../recipes/evidence/shell-commands.ts';

/** What a careful reader writes down of a repository: what runs in which folder, and what is only listed. */
export type ReaderTable = {
  readonly url: string;
  readonly commit: string;
  /** By folder and recipe: the checks, as `labelsOf` names them. */
  readonly on: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly off?: readonly string[];
};

/** How much of what was proposed is right, and how much of what is right was proposed. */
export type Tally = { right: number; wrong: string[]; lacking: string[] };

const recipes = ['build', 'test', 'lint', 'audit'] as const;

/** The subprojects of what was detected beside those of the table. */
export function tallySubprojects(found: Detected, { on }: ReaderTable): Tally {
  return tally(
    found.subprojects.map(({ path }) => path),
    Object.keys(on),
  );
}

/** The folders that are only listed beside those of the table. */
export function tallyOff(found: Detected, { off = [] }: ReaderTable): Tally {
  return tally(
    found.off.map(({ path }) => path),
    off,
  );
}

/** The checks of what was detected beside those of the table, as `folder recipe check`. */
export function tallyChecks(found: Detected, { on }: ReaderTable): Tally {
  const proposed = found.subprojects.flatMap((one) =>
    recipes.flatMap((recipe) => labelsOf(one[recipe] ?? '').map((label) => `${one.path} ${recipe} ${label}`)),
  );
  const wanted = Object.entries(on).flatMap(([path, by]) =>
    Object.entries(by).flatMap(([recipe, labels]) => labels.map((label) => `${path} ${recipe} ${label}`)),
  );
  return tally(proposed, wanted);
}

function tally(proposed: readonly string[], wanted: readonly string[]): Tally {
  return {
    right: proposed.filter((one) => wanted.includes(one)).length,
    wrong: proposed.filter((one) => !wanted.includes(one)),
    lacking: wanted.filter((one) => !proposed.includes(one)),
  };
}

/** The checks of a command by their shortest name: `pytest`, `cargo test --features pcre2`, `script lint`. */
export function labelsOf(command: string): string[] {
  const labels = shellCommands(command).map(({ words }) => labelOf(words, command));
  return [...new Set(labels)].filter((label) => label !== '');
}

/** What only prepares the way says nothing of its own. */
const silent =
  /^(\}|status=.*|exit|true|cd|xargs|head|grep|printf|for|do|done|cmake|autoreconf|configure|autogen\.sh|cat|uv|git)$/;

function labelOf(words: readonly string[], whole: string): string {
  const [first = '', second = '', third = ''] = words;
  const program = first.replace(/^.*\//, '');
  if (program === 'find') return whole.includes('shellcheck') ? 'shellcheck' : '';
  if (program === 'php' && second === '-l') return 'php -l';
  if (silent.test(program) || program === '') return '';
  if (/^(npm|pnpm|yarn|bun)$/.test(program)) {
    if (words.includes('audit')) return 'audit';
    if (words.some((word) => /^(-r|--workspaces|workspaces)$/.test(word)))
      return `members ${words.includes('build') ? 'build' : 'test'}`;
    return /install|ci/.test(second) ? '' : `script ${second === 'run' ? third : second}`;
  }
  if (program === 'sh' && /mvnw|gradlew/.test(second))
    return `${second.replace('./', '').replace(/w$/, '')} ${words.at(-1)}`;
  if (program === 'mvn' || program === 'gradle') return `${program} ${words.at(-1)}`;
  if (program === 'cargo' && second === 'generate-lockfile') return '';
  if (program === 'cargo' || program === 'go') {
    const options = words.filter(
      (word, at) =>
        /^(--all-features|--no-default-features|--features|-tags=.*)$/.test(word) || words[at - 1] === '--features',
    );
    return [program, second, ...options].join(' ');
  }
  if (program === 'deno' || program === 'composer') return `${program} ${second}`;
  if (program === 'ruff') return `ruff ${second}`;
  if (program === 'bundle') return '';
  if (program === 'make') return ['make', ...words.slice(1).filter((word) => !word.startsWith('-'))].join(' ');
  return program === 'rake' ? `rake ${second}` : program;
}

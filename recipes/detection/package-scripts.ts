import type { Evidence } from '../define.ts';
import { scriptOf } from '../evidence/project-evidence.ts';
import { shellCommands } from '../evidence/shell-commands.ts';
import type { PackageJson } from './package-json.ts';
import { at } from './tree.ts';

/** The scripts of a package.json by what they are for, and where each was found to be run. */
export type ChosenScripts = {
  readonly build: readonly Chosen[];
  readonly test: readonly Chosen[];
  readonly lint: readonly Chosen[];
  /** Whether CI builds before it tests or checks types. */
  readonly buildsFirst: boolean;
};
export type Chosen = { readonly name: string; readonly found: string };

const mostScripts = 8;
const kinds: readonly (readonly [kind: 'build' | 'lint' | 'test', names: RegExp])[] = [
  ['build', /^(build|compile|bundle|transpile)($|[:_-])/],
  ['lint', /(^|[:_-])(types?|typecheck|type-check|check-types|tsc|tsd|dts|attw)($|[:_-])/],
  [
    'lint',
    /^(lint|eslint|xo|standard|stylelint|oxlint|biome|prettier:check|format[:-]check|check[:-]format|check[:-]lint)($|[:_-])/,
  ],
  // What everybody calls before a commit, by its parts; chosen where CI calls it.
  ['lint', /^checks?$/],
  ['test', /^(test|tests|unit|jest|mocha|vitest|ava|tap)($|[:_-])/],
];
/** Variants of a script for another place or purpose, which people do not mean by its name. */
const variant =
  /(?::|(?<=^[^:]+)[_-])(ci|cov|coverage|watch|debug|update|fix|write|inspect|report|docs|deno|bun|ui|browser|publish|release|bench(mark)?s?|nightly|canary|smoke)($|[:_-])|[:_-]fix\b/;

function kindOf(name: string): 'build' | 'lint' | 'test' | null {
  return kinds.find(([, names]) => names.test(name))?.[0] ?? null;
}

/** What `npm init` writes is no test. */
export function isRealTest(script: string | undefined): script is string {
  return script !== undefined && !/no test specified/.test(script);
}

/** Chooses the scripts that CI runs, and where it says nothing those that go by the usual names. */
export function chosenScripts(path: string, { scripts }: PackageJson, evidence: Evidence): ChosenScripts {
  const called = evidence.runs.flatMap(({ words, folder, gate, where, job }) => {
    const isManager = /^(npm|pnpm|yarn|bun)$/.test(words[0] ?? '');
    // `-r`, `--workspaces` and the like run the members' scripts, of the same name or another.
    const isOwn = !words.some((word) => /^(-r|--recursive|--workspaces|-ws|--filter|-F|--workspace|-w)$/.test(word));
    // What another script calls is a part of that one.
    const isCall = gate && isManager && isOwn && folder === path && !where.includes('package.json: ');
    const name = isCall ? scriptOf(words) : null;
    return name !== null && scripts[name] !== undefined ? [{ name, found: where, job }] : [];
  });
  const plain = (name: string): string => {
    const base = name.replace(variant, '');
    return variant.test(name) && isRealTest(scripts[base]) ? base : name;
  };
  const of = (kind: 'build' | 'lint' | 'test', usual: readonly string[]): Chosen[] => {
    const byCi = called.filter(({ name }) => kindOf(name) === kind).map((one) => ({ ...one, name: plain(one.name) }));
    const wanted = byCi.filter(({ name }) => !variant.test(name));
    const own = usual
      .filter((name) => isRealTest(scripts[name]))
      .map((name) => ({ name, found: `${at(path, 'package.json')}: ${name}` }));
    return distinct(wanted.length > 0 ? wanted : own);
  };
  const first = of('test', ['test']).length > 0 ? ['test'] : ['test:unit', 'unit'];
  const tests = distinct(of('test', first).flatMap((one) => partsOf(one, scripts)));
  const usualLint = ['lint', 'typecheck', 'type-check', 'check-types', 'check:types', 'format:check'];
  const lints = distinct([...of('lint', usualLint), ...tests.filter(({ name }) => kindOf(name) === 'lint')]);
  return {
    build: of('build', ['build']).slice(0, 2),
    test: oncePerCommand(
      tests.filter(({ name }) => kindOf(name) !== 'lint' && kindOf(name) !== 'build'),
      scripts,
    ).slice(0, mostScripts),
    lint: oncePerCommand(distinct(lints.flatMap((one) => partsOf(one, scripts))), scripts).slice(0, mostScripts),
    buildsFirst: called.some(
      ({ name, job }, place) =>
        kindOf(name) === 'build' &&
        called
          .slice(place + 1)
          .some((later) => later.job === job && kindOf(later.name) !== 'build' && kindOf(later.name) !== null),
    ),
  };
}

/** `npm run lint && npm run unit` is its parts; whatever does more of its own is one thing. */
function partsOf(chosen: Chosen, scripts: Readonly<Record<string, string>>, depth = 0): Chosen[] {
  const text = scripts[chosen.name] ?? '';
  const names = shellCommands(text).map(({ words }) =>
    /^(npm|pnpm|yarn|bun)$/.test(words[0] ?? '') && words.length <= 3 ? scriptOf(words) : null,
  );
  // A part that builds is there for those after it.
  const isBuilt = names.some((name) => name !== null && kindOf(name) === 'build');
  const isChain =
    !isBuilt &&
    names.length > 1 &&
    !/[|;]|--/.test(text) &&
    names.every((name) => name !== null && scripts[name] !== undefined);
  if (!isChain || depth > 3) return [chosen];
  return names.flatMap((name) => (name === null ? [] : partsOf({ ...chosen, name }, scripts, depth + 1)));
}

/** Two names of the same command are one. */
function oncePerCommand(all: readonly Chosen[], scripts: Readonly<Record<string, string>>): Chosen[] {
  return all.filter(({ name }, place) => all.findIndex((one) => scripts[one.name] === scripts[name]) === place);
}

function distinct(all: readonly Chosen[]): Chosen[] {
  return [...new Map([...all].reverse().map((one) => [one.name, one])).values()].reverse();
}

/** The commands that a script comes to in the end, through other scripts of the same package. */
export function leavesOf(
  name: string,
  scripts: Readonly<Record<string, string>>,
  depth = 0,
): readonly (readonly string[])[] {
  return shellCommands(scripts[name] ?? '').flatMap(({ words }) => {
    const next = /^(npm|pnpm|yarn|bun)$/.test(words[0] ?? '') ? scriptOf(words) : null;
    return next !== null && scripts[next] !== undefined && depth < 4 ? leavesOf(next, scripts, depth + 1) : [words];
  });
}

/** Whether any script of a package comes to a program. */
export function scriptsRun(program: RegExp, { scripts }: PackageJson): boolean {
  return Object.keys(scripts).some((name) => leavesOf(name, scripts).some(([first = '']) => program.test(first)));
}

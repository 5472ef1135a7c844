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
  ['test', /^(test|tests|unit|jest|mocha|vitest|ava|tap|playwright|cypress|e2e)($|[:_-])/],
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
  // A variant starts what its base starts: `test:bun` beside a `test` by vitest is another check.
  const programsOf = (name: string) => leavesOf(name, scripts).map(([program = '', verb = '']) => `${program} ${verb}`);
  const isVariant = (name: string): boolean => {
    if (!variant.test(name)) return false;
    const base = name.replace(variant, '');
    const programs = new Set(programsOf(base).map((one) => one.split(' ')[0]));
    return (
      !/[:_-](bun|deno)$/.test(name) ||
      programs.size === 0 ||
      programsOf(name).some((one) => programs.has(one.split(' ')[0]))
    );
  };
  const plain = (name: string): string => {
    const base = name.replace(variant, '');
    return isVariant(name) && isRealTest(scripts[base]) ? base : name;
  };
  // By its name `format` writes and `types` builds; some only look.
  const kindHere = (name: string) => kindOf(name) ?? (onlyLooks(name, scripts) ? 'lint' : null);
  const of = (kind: 'build' | 'lint' | 'test', usual: readonly string[]): Chosen[] => {
    const byCi = called.filter(({ name }) => kindHere(name) === kind).map((one) => ({ ...one, name: plain(one.name) }));
    const wanted = byCi.filter(({ name }) => !isVariant(name));
    const own = usual
      .filter((name) => isRealTest(scripts[name]))
      .map((name) => ({ name, found: `${at(path, 'package.json')}: ${name}` }));
    return distinct(wanted.length > 0 ? wanted : own);
  };
  const first = of('test', ['test']).length > 0 ? ['test'] : ['test:unit', 'unit'];
  const tests = distinct(of('test', first).flatMap((one) => partsOf(one, scripts)));
  const looking = ['type', 'types', 'tsc', 'check', 'format'].filter((name) => onlyLooks(name, scripts));
  const usualLint = ['lint', 'typecheck', 'type-check', 'check-types', 'check:types', 'format:check', ...looking];
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

/** Whether a script of such a name comes to nothing but a formatter that is asked to look, or a compiler that writes nothing. */
function onlyLooks(name: string, scripts: Readonly<Record<string, string>>): boolean {
  if (!/^(format|fmt|types?|tsc|check)$/.test(name)) return false;
  const leaves = leavesOf(name, scripts);
  const looks = ([program = '', ...args]: readonly string[]) =>
    (/^(prettier|dprint|oxfmt|biome)$/.test(program) &&
      args.some((word) => /^(--check|-c|--list-different|-l|check|ci)$/.test(word))) ||
    (/^(tsc|vue-tsc|tsgo)$/.test(program) && args.includes('--noEmit'));
  return leaves.length > 0 && leaves.every(looks);
}

/** Two names of the same command are one, and one that runs a part of what another runs, such as one project of vitest, is in it. */
function oncePerCommand(all: readonly Chosen[], scripts: Readonly<Record<string, string>>): Chosen[] {
  const leaves = (name: string) => leavesOf(name, scripts).map((words) => words.join('\0'));
  return all.filter(({ name }, place) => {
    if (all.findIndex((one) => scripts[one.name] === scripts[name]) !== place) return false;
    const wholes = leavesOf(name, scripts).map((words) => wholeOf(words));
    return !all.some((one) => {
      const others = leaves(one.name);
      return (
        one.name !== name && wholes.length > 0 && wholes.every((whole) => whole !== null && others.includes(whole))
      );
    });
  });
}

/** The command without what chooses a part of its tests; null for one that chooses none. */
function wholeOf(words: readonly string[]): string | null {
  const chooses = /^(--project|--projects|--selectProjects)$/;
  if (!/^(vitest|jest|playwright)$/.test(words[0] ?? '')) return null;
  const rest = words.filter(
    (word, at) => !chooses.test(word.replace(/=.*$/, '')) && !chooses.test(words[at - 1] ?? ''),
  );
  return rest.length < words.length ? rest.join('\0') : null;
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

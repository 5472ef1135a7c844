import { type RecipeName, recipeNames } from '../../events/fields.ts';
import type { Ecosystem, Found, Step, Suggestion, Tree, Way } from '../define.ts';
import { readEvidence } from '../evidence/project-evidence.ts';
import { faultOf } from '../evidence/read-data.ts';
import { type UnknownCheck, unknownChecks } from '../evidence/unknown-checks.ts';
import { ecosystems } from '../registry.ts';
import { type AskedVersion, askedVersions, type Judge, judgedPins } from '../toolchains/asked-versions.ts';
import { installHint } from './linters.ts';
import { measuredCoverage } from './measured-coverage.ts';
import { placed } from './nesting.ts';
import { type Has, type Presence, presentTools } from './tool-presence.ts';
import { type Bounds, usualBounds, walk } from './walk.ts';

/** A folder with its commands, in the shape in which a project is registered. */
type Subproject = {
  path: string;
  language: string;
  timeout_secs: number;
  /** False for one that is only listed. */
  enabled?: false;
  /** The files in which the commands were found, by recipe. */
  found_in?: Partial<Record<RecipeName, string>>;
  /** Brings the dependencies, for those of its recipes that need them. */
  install?: string;
  install_for?: RecipeName[];
  /** Reports of a measurement that its own configuration asks for. */
  coverage?: string[];
} & Partial<Record<RecipeName, string>>;

/** A tool that would have something to say, and why it will not. */
export type Skipped = { path: string; language: string; recipe: RecipeName; tool: string; why: string };

/** A folder that was found and is not run, and why. */
type Off = { path: string; language: string; why: string; subproject: Subproject };

/** `complete` is false when the checkout is so large that only its upper part was looked at. */
export type Detected = {
  languages: string[];
  subprojects: Subproject[];
  off: Off[];
  skipped: Skipped[];
  /** What could not be read, so that nothing was found there. */
  problems: Problem[];
  /** Checks of CI that no recipe runs, since nothing is known of their tools. */
  unknown: UnknownCheck[];
  /** The versions that the repository asks for, and what is there of them. */
  toolchains: AskedVersion[];
  complete: boolean;
};

export type Problem = { path: string; why: string };

type Deps = {
  /** Whether this machine has a tool, under variables that choose a version; see `Way` for the names. */
  readonly has: Has;
  /** What this machine has of a version that a file asks for; without it nobody looks. */
  readonly verdict?: Judge;
  /** Keeps the commands whose tools are missing here too, for a document that is for another machine. */
  readonly keepMissing?: boolean;
  readonly units?: readonly Ecosystem[];
  readonly bounds?: Bounds;
};

/** A registered project may have no more subprojects, and no longer a command. */
const mostSubprojects = 256;
const mostProblems = 50;
const longestCommand = 8192;
const longestPlace = 300;

/**
 * Finds the subprojects of a checkout and the commands for those tools that this machine has. Nothing in the checkout
 * is run or written. Where several worlds share a folder they make one subproject, in the language of the first.
 */
export async function detect(
  dir: string,
  { has, verdict, keepMissing = false, units = ecosystems, bounds = usualBounds }: Deps,
): Promise<Detected> {
  const { tree: whole, complete, unread } = await walk(dir, bounds);
  const asked = new Set<string>();
  const tree = { files: whole.files, text: (path: string) => whole.text(noted(asked, path)) };
  const evidence = readEvidence(tree);
  const found = units
    .flatMap((unit) => unit.find(tree, evidence).map((one) => ({ unit: unit.name, found: one })))
    .filter((one) => one.found.steps.length > 0);
  const all = placed(found, tree, evidence);
  const judged = verdict === undefined ? [] : await judgedPins(tree, verdict);
  const present = await presentTools(
    all.map((one) => one.found),
    judged,
    has,
  );
  const here = { present, tree, keepMissing };
  const on = gathered(
    all.filter(({ off }) => off === null).map((one) => one.found),
    here,
  );
  const off = all.flatMap(({ found: one, off: why }): Off[] => {
    const [subproject] = why === null ? [] : gathered([one], here).subprojects;
    if (why === null || !subproject || on.subprojects.some(({ path }) => path === one.path)) return [];
    return [{ path: one.path, language: one.language, why, subproject: { ...subproject, enabled: false } }];
  });
  return {
    languages: [
      ...new Set(all.filter((one) => one.off === null && one.unit !== 'root').map((one) => one.found.language)),
    ].sort(),
    subprojects: on.subprojects.slice(0, mostSubprojects),
    off: oneOfEachPath(off).slice(0, Math.max(0, mostSubprojects - on.subprojects.length)),
    skipped: distinct(on.skipped),
    problems: problemsOf(asked, whole, unread),
    unknown: unknownChecks(
      evidence,
      on.subprojects.flatMap((one) => recipeNames.flatMap((recipe) => one[recipe] ?? [])),
    ),
    toolchains: askedVersions(
      judged,
      on.subprojects.map(({ path }) => path),
    ),
    complete: complete && on.subprojects.length <= mostSubprojects,
  };
}

function noted(asked: Set<string>, path: string): string {
  asked.add(path);
  return path;
}

/** What was looked for in a file or folder that cannot be read; the first of many. */
function problemsOf(asked: ReadonlySet<string>, { text }: Tree, unread: ReadonlyMap<string, string>): Problem[] {
  const faults = [...asked].flatMap((path): Problem[] => {
    const why = faultOf(path, text(path));
    return why === null ? [] : [{ path, why }];
  });
  return [...[...unread].map(([path, why]) => ({ path, why })), ...faults]
    .sort((a, b) => compare(a.path, b.path))
    .slice(0, mostProblems);
}

/** Several steps of a recipe may lack the same tool. */
function distinct(skipped: readonly Skipped[]): Skipped[] {
  return [...new Map(skipped.map((one) => [JSON.stringify([one.path, one.recipe, one.why]), one])).values()];
}

function oneOfEachPath(off: readonly Off[]): Off[] {
  return [...new Map(off.toReversed().map((one) => [one.path, one])).values()].sort((a, b) => compare(a.path, b.path));
}

type Here = { readonly present: Presence; readonly tree: Tree; readonly keepMissing: boolean };

type Ready = {
  language: string;
  /** How much the steps of its language do: one that is tested there says more than one whose packages are audited. */
  weight: number;
  timeout_secs: number;
  steps: Map<RecipeName, { way: Way; found: string | undefined }[]>;
};

/** What this machine can run of the found steps, one subproject a folder, and what it cannot. */
function gathered(all: readonly Found[], { present, tree, keepMissing }: Here) {
  const skipped: Skipped[] = [];
  const ready = new Map<string, Ready>();
  for (const { path, language, steps, timeout_secs } of all.toSorted((a, b) => compare(a.path, b.path))) {
    const weight = weightOf(language, steps);
    for (const step of steps) {
      const { recipe, ways, found } = step;
      const lacks = (tool: string) => present(path, tool);
      const here = ways.find(({ tools }) => tools.every((tool) => lacks(tool) === null));
      if (here === undefined) skipped.push({ path, language, recipe, ...missing(step, lacks) });
      const way = here ?? (keepMissing ? ways[0] : undefined);
      if (way === undefined) continue;
      const entry = ready.get(path) ?? { language, weight, timeout_secs, steps: new Map() };
      if (weight > entry.weight) Object.assign(entry, { language, weight });
      entry.timeout_secs = Math.max(entry.timeout_secs, timeout_secs);
      entry.steps.set(recipe, [...(entry.steps.get(recipe) ?? []), { way, found }]);
      ready.set(path, entry);
    }
  }
  const subprojects = [...ready].map(([path, entry]) => subprojectOf(path, entry, { tree, skipped }));
  return { subprojects: subprojects.filter((one) => recipeNames.some((recipe) => one[recipe] !== undefined)), skipped };
}

function weightOf(language: string, steps: readonly Step[]): number {
  if (language === 'text') return 0;
  return steps.some(({ recipe }) => recipe !== 'audit') ? 2 : 1;
}

function subprojectOf(
  path: string,
  { language, timeout_secs, steps }: Ready,
  { tree, skipped }: { tree: Tree; skipped: Skipped[] },
): Subproject {
  const commands: Partial<Record<RecipeName, string>> = {};
  const found_in: Partial<Record<RecipeName, string>> = {};
  for (const recipe of recipeNames) {
    const own = steps.get(recipe);
    if (!own) continue;
    const text = commandOf(own.map(({ way }) => way));
    if (text.length > longestCommand) {
      skipped.push({ path, language, recipe, tool: 'sh', why: `the command has ${text.length} characters` });
      continue;
    }
    commands[recipe] = text;
    const places = [...new Set(own.flatMap(({ found }) => found ?? []))].join(', ');
    if (places !== '')
      found_in[recipe] = places.length > longestPlace ? `${places.slice(0, longestPlace - 1)}…` : places;
  }
  const { skip, ...needs } = installOf(steps);
  if (skip) skipped.push({ path, language, recipe: 'build', tool: 'sh', why: skip });
  const coverage = steps.has('test') ? measuredCoverage(path, tree) : [];
  return {
    path,
    language,
    ...commands,
    ...needs,
    timeout_secs,
    ...(coverage.length > 0 ? { coverage } : {}),
    ...(Object.keys(found_in).length > 0 ? { found_in } : {}),
  };
}

/** What all steps together install, and for which recipes where not all need it. */
function installOf(steps: Ready['steps']): Pick<Subproject, 'install' | 'install_for'> & { skip?: string } {
  const prepares = [...steps.values()].flat().flatMap(({ way }) => way.prepare ?? []);
  const install = [...new Set(prepares)].join(' && ');
  if (install === '') return {};
  if (install.length > longestCommand) return { skip: `its install has ${install.length} characters` };
  const install_for = [...steps].flatMap(([recipe, of]) => (of.some(({ way }) => way.prepare) ? [recipe] : []));
  return { install, ...(install_for.length < steps.size ? { install_for } : {}) };
}

/** Which tool is missing, and what a person can do about it. */
function missing({ ways, configured }: Step, lacks: (tool: string) => string | null): Pick<Skipped, 'tool' | 'why'> {
  const lacking = [...new Set(ways.map(({ tools }) => tools.find((name) => lacks(name) !== null) ?? ''))];
  const [tool = ''] = lacking;
  const asked = lacking.map(lacks).find((why) => why !== '' && why !== null);
  if (asked) return { tool, why: asked };
  if (configured !== undefined) {
    const hint = installHint(tool);
    const how = hint === null ? '' : /^https?:/.test(hint) ? `: ${hint}` : `: \`${hint}\``;
    return { tool, why: `${tool} is configured but not installed${how}` };
  }
  if (lacking.length === 1) return { tool, why: `${tool} is not installed` };
  const last = lacking.at(-1);
  return {
    tool,
    why:
      lacking.length === 2 ? `neither ${tool} nor ${last} is installed` : `none of ${lacking.join(', ')} is installed`,
  };
}

/** Commands for a language, or for all, with the flags that the parsers read: what the README lists. */
export function suggestedCommands(language?: string): Suggestion[] {
  const all = ecosystems.flatMap((unit) => unit.suggested);
  return language === undefined ? all : all.filter((row) => row.language === language);
}

/** One shell line. Every tool gets its turn even when one before it found something; the line fails if any of them did. */
function commandOf(ways: readonly Way[]): string {
  const firsts = [...new Set(ways.flatMap(({ first }) => first ?? []))];
  const commands = [...new Set(ways.map(({ command }) => command))];
  if (commands.length === 1) return [...firsts, ...commands].join(' && ');
  return [
    ...firsts.map((first) => `{ ${first}; } || exit`),
    'status=0',
    ...commands.map((command) => `${command} || status=$?`),
    'exit $status',
  ].join('; ');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '.' || b === '.') return a === '.' ? -1 : 1;
  return a < b ? -1 : 1;
}

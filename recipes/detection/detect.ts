import { type RecipeName, recipeNames } from '../../events/fields.ts';
import type { Ecosystem, Found, Step, Suggestion, Way } from '../define.ts';
import { ecosystems } from '../registry.ts';
import { measuredCoverage } from './measured-coverage.ts';
import { type Bounds, usualBounds, walk } from './walk.ts';

/** A folder with its commands, in the shape in which a project is registered. */
export type Subproject = {
  path: string;
  language: string;
  timeout_secs: number;
  /** Brings the dependencies, for those of its recipes that need them. */
  install?: string;
  install_for?: RecipeName[];
  /** Reports of a measurement that its own configuration asks for. */
  coverage?: string[];
} & Partial<Record<RecipeName, string>>;

/** A tool that would have something to say, and why it will not. */
export type Skipped = { path: string; language: string; recipe: RecipeName; tool: string; why: string };

/** `complete` is false when the checkout is so large that only its upper part was looked at. */
export type Detected = { languages: string[]; subprojects: Subproject[]; skipped: Skipped[]; complete: boolean };

type Deps = {
  /** Whether this machine has a tool; see `Way` for the names. Asked once for each. */
  readonly has: (tool: string) => boolean | Promise<boolean>;
  readonly units?: readonly Ecosystem[];
  readonly bounds?: Bounds;
};

/** A registered project may have no more subprojects, and no longer a command. */
const mostSubprojects = 256;
const longestCommand = 8192;

/**
 * Finds the subprojects of a checkout and the commands for those tools that this machine has. Nothing in the checkout
 * is run or written. Where several worlds share a folder they make one subproject, in the language of the first.
 */
export async function detect(dir: string, { has, units = ecosystems, bounds = usualBounds }: Deps): Promise<Detected> {
  const { tree, complete } = await walk(
    dir,
    units.map((unit) => unit.reads),
    bounds,
  );
  const found = units.flatMap((unit) => unit.find(tree)).filter(({ steps }) => steps.length > 0);
  const present = await presentTools(found, has);
  const skipped: Skipped[] = [];
  const ready = new Map<string, { language: string; timeout_secs: number; ways: Map<RecipeName, Way[]> }>();
  for (const { path, language, steps, timeout_secs } of found.toSorted((a, b) => compare(a.path, b.path))) {
    for (const { recipe, ways } of steps) {
      const way = ways.find(({ tools }) => tools.every((tool) => present.has(tool)));
      if (way === undefined) {
        const tool = ways[0].tools.find((name) => !present.has(name)) ?? '';
        skipped.push({ path, language, recipe, tool, why: `${tool} is not installed` });
        continue;
      }
      const entry = ready.get(path) ?? { language, timeout_secs, ways: new Map<RecipeName, Way[]>() };
      entry.timeout_secs = Math.max(entry.timeout_secs, timeout_secs);
      entry.ways.set(recipe, [...(entry.ways.get(recipe) ?? []), way]);
      ready.set(path, entry);
    }
  }
  const subprojects = [...ready].map(([path, { language, timeout_secs, ways }]) => {
    const commands = recipeNames
      .filter((recipe) => ways.has(recipe))
      .map((recipe) => [recipe, commandOf(ways.get(recipe) ?? [])] as const);
    const installs = [...new Set([...ways.values()].flat().flatMap(({ prepare }) => prepare ?? []))];
    const install = installs.join(' && ');
    const install_for = [...ways].flatMap(([recipe, of]) => (of.some(({ prepare }) => prepare) ? [recipe] : []));
    for (const [recipe, command] of commands.filter(([, text]) => text.length > longestCommand)) {
      skipped.push({ path, language, recipe, tool: 'sh', why: `the command has ${command.length} characters` });
    }
    if (install.length > longestCommand)
      skipped.push({
        path,
        language,
        recipe: 'build',
        tool: 'sh',
        why: `its install has ${install.length} characters`,
      });
    const short = Object.fromEntries(commands.filter(([, text]) => text.length <= longestCommand));
    const coverage = ways.has('test') ? measuredCoverage(path, tree) : [];
    const needs =
      install === '' || install.length > longestCommand
        ? {}
        : { install, ...(install_for.length < ways.size ? { install_for } : {}) };
    return { path, language, ...short, ...needs, timeout_secs, ...(coverage.length > 0 ? { coverage } : {}) };
  });
  return {
    languages: [...new Set(found.map(({ language }) => language))].sort(),
    subprojects: subprojects.slice(0, mostSubprojects),
    skipped,
    complete: complete && subprojects.length <= mostSubprojects,
  };
}

/** Commands for a language, or for all, with the flags that the parsers read: what the README lists. */
export function suggestedCommands(language?: string): Suggestion[] {
  const all = ecosystems.flatMap((unit) => unit.suggested);
  return language === undefined ? all : all.filter((row) => row.language === language);
}

async function presentTools(found: readonly Found[], has: Deps['has']): Promise<Set<string>> {
  const ways = found.flatMap(({ steps }) => steps.flatMap((step: Step) => step.ways));
  const names = [...new Set(ways.flatMap(({ tools }) => tools))];
  const answers = await Promise.all(names.map(async (name) => await has(name)));
  return new Set(names.filter((_, index) => answers[index]));
}

/** One shell line. Every tool gets its turn even when one before it found something; the line fails if any of them did. */
function commandOf(ways: readonly Way[]): string {
  const commands = [...new Set(ways.map(({ command }) => command))];
  if (commands.length === 1) return commands.join('');
  return ['status=0', ...commands.map((command) => `${command} || status=$?`), 'exit $status'].join('; ');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '.' || b === '.') return a === '.' ? -1 : 1;
  return a < b ? -1 : 1;
}

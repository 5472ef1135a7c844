import { open } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { type RecipeName, recipeNames } from '../../../events/fields.ts';
import type { FailOn, Subproject } from '../../../events/projects/project.ts';
import { detect, type Skipped } from '../../../recipes/detection/detect.ts';
import type { AskedVersion } from '../../../recipes/toolchains/asked-versions.ts';
import { machineHas } from '../../../recipes/toolchains/machine-has.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { useSchemaWords } from '../../floor/text/schema-words.ts';
import { installOf } from '../../jobs/rules/install-of.ts';
import { cleanPath, ProjectInput, projectDocument } from '../../projects/rules/project-document.ts';

/** One command in one folder, as a job would run it. */
export type LocalRun = {
  readonly subproject: string;
  readonly language: string;
  readonly recipe: RecipeName;
  readonly command: string;
  /** What brings its dependencies; run once for all recipes of the subproject. */
  readonly install: string | null;
  readonly timeoutSecs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly reports: readonly string[];
  readonly failOn?: FailOn | undefined;
  /** What its coverage has to come to. */
  readonly asks: Pick<Subproject, 'min_coverage' | 'min_changed_coverage' | 'test'>;
};

export type LocalPlan = {
  readonly project: string;
  /** The document that names the recipes, by path from the root; null: they were detected. */
  readonly document: string | null;
  readonly found: readonly { path: string; language: string }[];
  readonly runs: readonly LocalRun[];
  readonly skipped: readonly Skipped[];
  /** Versions that the repository asks for; nothing where a document says the recipes. */
  readonly toolchains: readonly AskedVersion[];
  /** False when only the upper part of a very large repository was looked at. */
  readonly complete: boolean;
};

type Wanted = {
  readonly root: string;
  readonly cwd: string;
  /** Recipes by name; none: all. */
  readonly recipes: readonly string[];
  readonly subproject: string | null;
  /** A registration document; null: the one in the root, or what is detected. */
  readonly document: string | null;
  /** In which the recipes will run. */
  readonly env: NodeJS.ProcessEnv;
};

type Known = Pick<LocalPlan, 'project' | 'document' | 'skipped' | 'toolchains' | 'complete'> & {
  subprojects: (typeof Subproject.static)[];
};

/** The reason of the error when detection finds nothing that can be run here. */
export const nothingFound = 'nothing_found';

/** The document that is looked for in the root of a repository. */
export const usualDocument = '.crafting-table.json';
const mostBytes = 1024 * 1024;

/** Says what is to be run in a checkout. Throws AppError('invalid') when that is nothing, or the document is wrong. */
export async function localPlan(wanted: Wanted): Promise<LocalPlan> {
  const recipes = wanted.recipes.map(recipeOf);
  const known = (await documented(wanted)) ?? (await detected(wanted));
  const chosen = chosenOf(known, wanted);
  const runs = chosen.flatMap((one) =>
    recipeNames.flatMap((recipe): LocalRun[] => {
      const { [recipe]: command, path: subproject, language, timeout_secs: timeoutSecs, env = {} } = one;
      const { fail_on: failOn } = one;
      const reports = [...(one.reports ?? []), ...(one.coverage ?? [])];
      if (command === undefined || (recipes.length > 0 && !recipes.includes(recipe))) return [];
      const install = installOf(one, recipe);
      return [{ subproject, language, recipe, command, install, timeoutSecs, env, reports, failOn, asks: one }];
    }),
  );
  const isChosen = ({ path, recipe }: Skipped) =>
    (wanted.subproject === null || chosen.some((one) => one.path === path)) &&
    (recipes.length === 0 || recipes.includes(recipe));
  const skipped = known.skipped.filter(isChosen);
  if (runs.length === 0) {
    const isBare = known.document === null && known.subprojects.length === 0;
    const name = isBare ? nothingFound : 'invalid';
    throw new AppError('invalid', nothingToRun(known, recipes, wanted), { name });
  }
  const found = chosen.map(({ path, language }) => ({ path, language }));
  const { project, document, toolchains, complete } = known;
  return { project, document, found, runs, skipped, toolchains, complete };
}

function recipeOf(word: string): RecipeName {
  const recipe = recipeNames.find((name) => name === word);
  if (recipe) return recipe;
  throw new AppError('invalid', `A recipe is one of ${recipeNames.join(', ')}; found ${JSON.stringify(word)}.`);
}

/** The subproject that is asked for: seen from where somebody stands, or from the root. */
function chosenOf({ subprojects }: Known, { subproject, root, cwd }: Wanted) {
  if (subproject === null) return subprojects.filter(({ enabled }) => enabled !== false);
  const fromHere = relative(root, resolve(cwd, subproject)).split(sep).join('/') || '.';
  const chosen = [fromHere, cleanPath(subproject)].flatMap((path) => subprojects.filter((one) => one.path === path));
  if (chosen[0]) return [chosen[0]];
  const known = subprojects.map(({ path }) => path).slice(0, 20);
  throw new AppError(
    'invalid',
    `--subproject must be one of ${known.join(', ') || '(none is known)'}; found ${JSON.stringify(subproject)}.`,
  );
}

function nothingToRun({ subprojects, document, skipped }: Known, recipes: readonly string[], { root }: Wanted): string {
  const on = subprojects.filter(({ enabled }) => enabled !== false);
  const there = recipeNames.filter((recipe) => on.some((one) => one[recipe] !== undefined));
  if (there.length > 0) return `No subproject has the recipe ${recipes.join(' or ')}; there is ${there.join(', ')}.`;
  if (document !== null) return `${document} names no subproject: there is nothing to run.`;
  const why = skipped[0] ? ` (${skipped[0].path}: ${skipped[0].why})` : '';
  return `Nothing that a known tool could build, test, lint or audit was found in ${root}${why}; name commands in ${usualDocument}.`;
}

async function detected({ root, env }: Wanted): Promise<Known> {
  const { subprojects, off, skipped, toolchains, complete } = await detect(root, machineHas(env));
  const listed = off.map(({ subproject }) => subproject);
  const all = [...subprojects, ...listed];
  return { project: projectName(root), document: null, subprojects: all, skipped, toolchains, complete };
}

/** What the document says, or null when there is none and none was named. */
async function documented({ root, cwd, document }: Wanted): Promise<Known | null> {
  const file = document === null ? join(root, usualDocument) : resolve(cwd, document);
  const text = await textOf(file, document ?? usualDocument);
  if (text === null && document === null) return null;
  const shown = document ?? usualDocument;
  if (text === null) throw new AppError('invalid', `There is no file ${shown}.`);
  const input = checked(text, shown, root);
  const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
  try {
    const { name, subprojects } = projectDocument(input, { owner: 'local', gitUrl: input.git_url, refs });
    return { project: name, document: shown, subprojects, skipped: [], toolchains: [], complete: true };
  } catch (cause) {
    throw new AppError('invalid', `${shown}: ${messageOf(cause).replace(/^\/body\//, '')}`, { cause });
  }
}

/** A document as it is registered. What only a server needs may be left out. */
function checked(text: string, shown: string, root: string): ProjectInput {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid', `${shown} is not JSON: ${messageOf(cause)}.`, { cause });
  }
  const whole = isObject(value) ? { name: projectName(root), git_url: root, ...value } : value;
  useSchemaWords();
  const fault = Value.Errors(ProjectInput, whole).First();
  if (fault) throw new AppError('invalid', `${shown}: ${fault.path.slice(1) || 'the whole'}: ${fault.message}.`);
  return whole as ProjectInput;
}

async function textOf(file: string, shown: string): Promise<string | null> {
  const handle = await open(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw new AppError('invalid', `${shown} cannot be read: ${cause.message}.`, { cause });
  });
  if (handle === null) return null;
  try {
    const info = await handle.stat();
    if (info.isFile() && info.size <= mostBytes) return (await handle.readFile('utf8')).replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
  throw new AppError('invalid', `${shown} must be a file of at most ${mostBytes} bytes.`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function projectName(root: string): string {
  const name = basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name.slice(0, 64) || 'project';
}

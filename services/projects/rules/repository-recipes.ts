import { isDeepStrictEqual } from 'node:util';
import type { Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { recipeNames } from '../../../events/fields.ts';
import { type ProjectDocument, recipesFile, type Subproject } from '../../../events/projects/project.ts';
import { strangeText } from '../../../events/strange-text.ts';
import { type Fault, isAppError, messageOf } from '../../floor/app-error.ts';
import { namedSecrets } from '../../jobs/rules/secret-rules.ts';
import { ProjectInput, projectDocument, SubprojectInputs } from './project-document.ts';

/** The largest file that is read. */
export const mostRecipeBytes = 262_144;
const mostFaults = 20;
const mostWords = 1024;

/** What a repository says of its recipes. `notTaken`: settings in the same file that stand in the project alone. */
export type RepositoryRecipes =
  | { readonly faults: null; readonly subprojects: Subproject[]; readonly notTaken: string[] }
  | { readonly faults: readonly Fault[] };

/** Where the file lies, in words. */
type Whose = 'its repository' | 'a recipe set';

type Document = Readonly<Record<string, unknown>>;
type Written = Static<typeof SubprojectInputs>[number];

/** What shuts jobs in, or says whose word counts: a file that says it differently wants more than it may. */
const guarding = ['default_branch', 'sandbox', 'network', 'limits', 'submodules', 'lfs', 'recipes_may'] as const;

/**
 * Reads the recipes that a repository brings. The file says what is run and where; who may do what, what is secret, what jobs
 * can reach, when they run and who is told stay the project's. Every fault has a JSON pointer into the file.
 */
export function repositoryRecipes(
  file: Buffer | undefined,
  project: ProjectDocument,
  whose: Whose = 'its repository',
): RepositoryRecipes {
  const read = parsed(file);
  if (typeof read === 'string') return { faults: [{ path: '', message: read }] };
  const strange = strangeText(read);
  if (strange.length > 0) return refused(strange);
  const { subprojects: listed, ...beside } = read;
  const notTaken = Object.keys(beside).filter(isOwn);
  const aside = besideFaults(beside, project, whose);
  if (!Value.Check(SubprojectInputs, listed) || listed.length === 0)
    return refused([...aside, ...schemaFaults(listed)]);
  const faults = [...aside, ...listed.flatMap((one, at) => grantFaults(one, `/subprojects/${at}`, project, whose))];
  const whole = wholeSubprojects(listed, project);
  if (whole.faults !== null || faults.length > 0) return refused([...faults, ...(whole.faults ?? [])]);
  return { ...whole, notTaken };
}

function refused(faults: readonly Fault[]): RepositoryRecipes {
  return { faults: faults.slice(0, mostFaults).map(bounded) };
}

function parsed(file: Buffer | undefined): Document | string {
  if (file === undefined) return `there is no ${recipesFile} in the root of the branch, or none below 4 MiB`;
  if (file.length > mostRecipeBytes) return `the file has ${file.length} bytes; at most ${mostRecipeBytes} are read`;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file);
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Document;
    return 'expected an object with the field "subprojects"';
  } catch (error) {
    const path = linkedPath(file);
    if (path !== null)
      return `holds nothing but ${JSON.stringify(path)}, as a symbolic link does: expected a plain file with JSON`;
    return `is not JSON in UTF-8: ${messageOf(error)}`;
  }
}

/** git keeps a symbolic link as a file of its target, without an end of line. */
function linkedPath(file: Buffer): string | null {
  const text = file.toString('utf8');
  return /^[\w@+.-]*(?:\/[\w@+.-]+)*$/.test(text) && /[./]/.test(text) && text.length <= 255 ? text : null;
}

/** What a document of a project says, and a file of recipes does not decide. */
function isOwn(name: string): boolean {
  return !['name', 'git_url', 'languages', 'default_branch', 'recipes'].includes(name);
}

function besideFaults(beside: Document, project: ProjectDocument, whose: Whose): Fault[] {
  return Object.entries(beside).flatMap(([name, value]): Fault[] => {
    const path = `/${name.slice(0, 64)}`;
    if (!Object.hasOwn(ProjectInput.properties, name)) return [{ path, message: 'is no field that is known' }];
    const guarded = guarding.find((one) => one === name);
    if (guarded === undefined || isDeepStrictEqual(value, project[guarded])) return [];
    return [{ path, message: `is for the project to say, not for ${whose} (${standing(project[guarded])})` }];
  });
}

function standing(value: unknown): string {
  return value === undefined ? 'the project says nothing' : `the project says ${JSON.stringify(value)}`;
}

function schemaFaults(listed: unknown): Fault[] {
  if (!Array.isArray(listed) || listed.length === 0)
    return [{ path: '/subprojects', message: 'expected a list of at least one subproject' }];
  const faults: Fault[] = [];
  for (const { path, message } of Value.Errors(SubprojectInputs, listed)) {
    faults.push({ path: `/subprojects${path}`, message });
    if (faults.length >= mostFaults) break;
  }
  return faults;
}

/** What a subproject of the repository asks for and its project does not give. */
function grantFaults(
  one: Written,
  at: string,
  { network, recipes_may = {} }: Pick<ProjectDocument, 'network' | 'recipes_may'>,
  whose: Whose,
): Fault[] {
  const ungiven = (field: 'secrets' | 'env_from', names: readonly string[]): Fault[] =>
    names
      .filter((name) => !recipes_may[field]?.includes(name))
      .map((name) => ({
        path: `${at}/${field}`,
        message: `asks for ${name}, which the project gives to no recipe of ${whose}: it has to name it in recipes_may.${field}`,
      }));
  const isNarrower = one.network === undefined || one.network === 'off' || isDeepStrictEqual(one.network, network);
  return [
    ...ungiven('secrets', [...new Set(recipeNames.flatMap((recipe) => namedSecrets(one, recipe)))]),
    ...ungiven('env_from', one.env_from ?? []),
    ...(isNarrower
      ? []
      : [{ path: `${at}/network`, message: `may be "off" or what the project says (${standing(network)})` }]),
    ...(one.limits === undefined
      ? []
      : [{ path: `${at}/limits`, message: `is for the project to say, not for ${whose}` }]),
  ];
}

type Whole = { readonly faults: null; readonly subprojects: Subproject[] } | { readonly faults: readonly Fault[] };

function wholeSubprojects(subprojects: Written[], { name, git_url, owner }: ProjectDocument): Whole {
  const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
  try {
    const made = projectDocument({ name, git_url, subprojects }, { owner, gitUrl: git_url, refs });
    return { faults: null, subprojects: made.subprojects };
  } catch (error) {
    if (!isAppError(error, 'invalid')) throw error;
    return { faults: error.faults.map(({ path, message }) => ({ path: path.replace(/^\/body/, ''), message })) };
  }
}

function bounded({ path, message }: Fault): Fault {
  return { path: path.slice(0, 512), message: message.slice(0, mostWords) };
}

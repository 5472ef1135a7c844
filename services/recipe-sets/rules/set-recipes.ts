import { type ProjectDocument, recipesFile, type Subproject } from '../../../events/projects/project.ts';
import type { RecipeUse } from '../../../events/projects/recipe-set.ts';
import type { Fault } from '../../floor/app-error.ts';
import { cleanPath, projectDocument } from '../../projects/rules/project-document.ts';
import { type RepositoryRecipes, repositoryRecipes } from '../../projects/rules/repository-recipes.ts';

const mostFaults = 20;
const mostSubprojects = 256;

/** A document as a project names it, and its content; undefined where the version has no such document. */
export type UsedDocument = { readonly use: RecipeUse; readonly file: Buffer | undefined };

/**
 * The recipes that documents of recipe sets bring into a project: each at its place, no folder twice. What a file may not say
 * in a repository it may not say here either. Faults point into their document, as `python.json/subprojects/0/test`.
 */
export function setRecipes(used: readonly UsedDocument[], project: ProjectDocument): RepositoryRecipes {
  const faults: Fault[] = [];
  const subprojects: Subproject[] = [];
  for (const { use, file } of used) {
    const read = readDocument(use, file, project);
    if (read.faults !== null) {
      faults.push(...read.faults);
      continue;
    }
    for (const one of read.subprojects) {
      const path = cleanPath(`${use.at ?? '.'}/${one.path}`) ?? one.path;
      if (subprojects.some((other) => other.path === path))
        faults.push({ path: `${use.document}.json`, message: `another document says what is run in ${path}, too` });
      else subprojects.push({ ...one, path });
    }
  }
  if (subprojects.length > mostSubprojects)
    faults.push({ path: '', message: `${subprojects.length} subprojects; at most ${mostSubprojects} can be` });
  return faults.length > 0 ? { faults: faults.slice(0, mostFaults) } : { faults: null, subprojects, notTaken: [] };
}

function readDocument({ document, source }: RecipeUse, file: Buffer | undefined, project: ProjectDocument) {
  if (file === undefined)
    return { faults: [{ path: `${document}.json`, message: `${source} has no document of this name` }] };
  const read = repositoryRecipes(file, project, 'a recipe set');
  if (read.faults === null) return read;
  return {
    faults: read.faults.map(({ path, message }) => ({ path: `${document}.json${path}`, message: plain(message) })),
  };
}

/** The words of the one reader, where they speak of the file of a repository. */
const plain = (message: string) => message.replace(recipesFile, 'the document');

/** What is wrong with a document whoever names it; what a project has to allow is none of it. */
export function documentFaults(document: string, file: Buffer): Fault[] {
  const read = repositoryRecipes(file, willing(file), 'a recipe set');
  // What network it says is held against each project that names it.
  const faults = (read.faults ?? []).filter(({ message }) => !message.startsWith('may be "off"'));
  return faults.map(({ path, message }) => ({ path: `${document}.json${path}`, message: plain(message) }));
}

/** A project that gives whatever the text may ask for. */
function willing(file: Buffer): ProjectDocument {
  const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
  const url = 'https://example.org/any.git';
  const named = [...new Set(file.toString('utf8').match(/"[A-Za-z_][A-Za-z0-9_]{0,127}"/g) ?? [])].map((word) =>
    word.slice(1, -1),
  );
  const project = projectDocument({ name: 'any', git_url: url }, { owner: 'any', gitUrl: url, refs });
  return { ...project, recipes_may: { secrets: named, env_from: named } };
}

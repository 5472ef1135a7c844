import { isDeepStrictEqual } from 'node:util';
import { type ProjectDocument, recipesFile } from '../../../events/project.ts';
import type { ProjectDoc } from '../../../projections/projects.ts';
import { AppError } from '../../floor/app-error.ts';

/** The document as its events hold it, of what the read model shows. */
export function storedDocument(project: ProjectDoc): ProjectDocument {
  const { created_at: _created, updated_at: _updated, seq: _seq, recipes_refused: _refused, ...document } = project;
  return document;
}

/**
 * A new document with the recipes that the repository has brought so far: nobody changes them but there. `isSaid`: the document
 * says subprojects of its own. Throws AppError('invalid') when those differ.
 */
export function withRepositoryRecipes(
  after: ProjectDocument,
  { before, isSaid }: { before: ProjectDoc | null; isSaid: boolean },
): ProjectDocument {
  const commit = before?.recipes_commit;
  if (!before || commit === undefined || after.recipes !== 'repository') return after;
  if (isSaid && !isDeepStrictEqual(after.subprojects, before.subprojects)) throw elsewhere(before.name, commit);
  const { subprojects, languages } = before;
  return { ...after, subprojects, languages: isSaid ? after.languages : languages, recipes_commit: commit };
}

function elsewhere(name: string, commit: string): AppError {
  const path = '/body/subprojects';
  const message = `the recipes of ${name} stand in ${recipesFile} of its repository (read at ${commit.slice(0, 12)}): change them there, or say "recipes": "document"`;
  return new AppError('invalid', `${path}: ${message}`, { faults: [{ path, message }], name: 'recipes_of_repository' });
}

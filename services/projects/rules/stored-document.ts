import { isDeepStrictEqual } from 'node:util';
import { type ProjectDocument, recipesFile } from '../../../events/projects/project.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { AppError } from '../../floor/app-error.ts';

/** The document as its events hold it, of what the read model shows. */
export function storedDocument(project: ProjectDoc): ProjectDocument {
  const {
    created_at: _created,
    updated_at: _updated,
    seq: _seq,
    recipes_refused: _refused,
    recipes_unread: _unread,
    ...document
  } = project;
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
  const origin = before === null ? null : originOf(before);
  if (before === null || origin === null || after.recipes !== before.recipes) return after;
  if (isSaid && !isDeepStrictEqual(after.subprojects, before.subprojects)) throw elsewhere(before.name, origin.words);
  const { subprojects, languages } = before;
  return { ...after, subprojects, languages: isSaid ? after.languages : languages, ...origin.kept };
}

type Origin = { readonly kept: Partial<ProjectDocument>; readonly words: string };

/** Where the recipes were read, once they were read elsewhere. */
function originOf({ recipes, recipes_commit: commit, recipe_pins: pins }: ProjectDoc): Origin | null {
  if (recipes === 'repository' && commit !== undefined)
    return {
      kept: { recipes_commit: commit },
      words: `in ${recipesFile} of its repository (read at ${commit.slice(0, 12)})`,
    };
  if (recipes !== 'sources' || pins === undefined) return null;
  const places = pins.map(({ source, sha }) => `${source} at ${sha.slice(0, 12)}`);
  return { kept: { recipe_pins: pins }, words: `in recipe sources (${places.join(', ')})` };
}

function elsewhere(name: string, where: string): AppError {
  const path = '/body/subprojects';
  const message = `the recipes of ${name} stand ${where}: change them there, or say "recipes": "document"`;
  return new AppError('invalid', `${path}: ${message}`, { faults: [{ path, message }], name: 'recipes_of_repository' });
}

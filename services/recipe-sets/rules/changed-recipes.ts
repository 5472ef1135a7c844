import { isDeepStrictEqual } from 'node:util';
import { type RecipeName, recipeNames } from '../../../events/fields.ts';
import type { Subproject } from '../../../events/projects/project.ts';

/** A recipe that would run differently. */
export type ChangedRecipe = {
  readonly subproject: string;
  readonly recipe: RecipeName;
  /** Null where there is none. */
  readonly before: string | null;
  readonly after: string | null;
  /** What else of its subproject changes for it, such as `env` or `timeout_secs`. */
  readonly fields: string[];
};

/** What says nothing of how a recipe runs. */
const beside = new Set(['path', 'renamed_from', 'found_in', ...recipeNames]);
/** What speaks of one recipe alone. */
const ofTest = new Set(['coverage', 'min_coverage', 'min_changed_coverage']);

/** The recipes that differ between two lists of subprojects; what is off runs not. */
export function changedRecipes(before: readonly Subproject[], after: readonly Subproject[]): ChangedRecipe[] {
  const paths = [...new Set([...before, ...after].map(({ path }) => path))].sort();
  return paths.flatMap((path) => {
    const [was, is] = [running(before, path), running(after, path)];
    const fields = was && is ? changedFields(was, is) : [];
    return recipeNames.flatMap((recipe): ChangedRecipe[] => {
      const own = fields.filter((field) => isFor(field, recipe, is));
      const [from, to] = [was?.[recipe] ?? null, is?.[recipe] ?? null];
      if (from === to && (from === null || own.length === 0)) return [];
      return [{ subproject: path, recipe, before: from, after: to, fields: from !== null && to !== null ? own : [] }];
    });
  });
}

function running(all: readonly Subproject[], path: string): Subproject | undefined {
  return all.find((one) => one.path === path && one.enabled !== false);
}

function changedFields(was: Subproject, is: Subproject): string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => !beside.has(name));
  return names.filter((name) => !isDeepStrictEqual(was[name as keyof Subproject], is[name as keyof Subproject])).sort();
}

function isFor(field: string, recipe: RecipeName, now: Subproject | undefined): boolean {
  if (ofTest.has(field)) return recipe === 'test';
  if (field === 'install') return now?.install_for?.includes(recipe) ?? true;
  return true;
}

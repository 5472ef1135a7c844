import { type RecipeName, recipeNames } from '../../../events/fields.ts';
import type { ProjectDocument, Subproject } from '../../../events/projects/project.ts';
import type { EventData } from '../../../events/registry.ts';

type Moves = Pick<EventData<'ProjectUpdated'>, 'moved' | 'moved_recipes' | 'left'>;

/**
 * What a new document does to the places of findings: which subprojects are those of before under another path, which
 * commands are another recipe, and which recipes are no more. A subproject is the same when it says so, or when its language
 * and commands are. So is the only one that went, if only one of its language came.
 */
export function movesBetween(before: ProjectDocument, after: ProjectDocument): Moves {
  const has = ({ subprojects }: ProjectDocument, path: string) => subprojects.some((one) => one.path === path);
  const gone = before.subprojects.filter(({ path }) => !has(after, path));
  const come = after.subprojects.filter(({ path }) => !has(before, path));
  const isTold = ({ renamed_from: from }: Subproject) => gone.some(({ path }) => path === from);
  const free = come.filter((one) => !isTold(one));
  const left = gone.filter(({ path }) => !come.some(({ renamed_from: from }) => from === path));
  const successor = (one: Subproject): Subproject | undefined => {
    if (!left.includes(one)) return come.find(({ renamed_from: from }) => from === one.path);
    const alike = (other: Subproject) => keyOf(other) === keyOf(one);
    if (free.filter(alike).length === 1 && left.filter(alike).length === 1) return free.find(alike);
    const only = free.length === 1 && left.length === 1 ? free[0] : undefined;
    return only?.language === one.language ? only : undefined;
  };
  const moved = gone.flatMap((one) => {
    const to = successor(one)?.path;
    return to === undefined ? [] : [{ from: one.path, to }];
  });
  const kept = before.subprojects.map((one) => {
    const path = moved.find(({ from }) => from === one.path)?.to ?? one.path;
    return { one, path, now: after.subprojects.find((other) => other.path === path) };
  });
  const recipes = kept.flatMap(({ one, path, now }) =>
    now === undefined ? [] : movedRecipes(one, now).map((move) => ({ subproject: path, ...move })),
  );
  const without = kept.flatMap(({ one, path, now }) =>
    recipeNames
      .filter((recipe) => one[recipe] !== undefined && now?.[recipe] === undefined)
      .filter((recipe) => !recipes.some(({ subproject, from }) => subproject === path && from === recipe))
      .map((recipe) => ({ subproject: path, recipe })),
  );
  return {
    ...(moved.length > 0 ? { moved } : {}),
    ...(recipes.length > 0 ? { moved_recipes: recipes.slice(0, 256) } : {}),
    ...(without.length > 0 ? { left: without.slice(0, 256) } : {}),
  };
}

/** Commands that are another recipe now, where each stands once. */
function movedRecipes(before: Subproject, now: Subproject): { from: RecipeName; to: RecipeName }[] {
  return recipeNames.flatMap((from) => {
    const command = before[from];
    if (command === undefined || now[from] === command) return [];
    const places = recipeNames.filter((one) => now[one] === command && before[one] !== command);
    const isOnly = recipeNames.filter((one) => before[one] === command).length === 1;
    return places.length === 1 && isOnly ? [{ from, to: places[0] as RecipeName }] : [];
  });
}

function keyOf({ language, ...rest }: Subproject): string {
  return JSON.stringify([language, ...recipeNames.map((recipe) => rest[recipe] ?? null)]);
}

import { recipeNames } from '../../../events/fields.ts';
import type { ProjectDocument, Subproject } from '../../../events/project.ts';
import type { EventData } from '../../../events/registry.ts';

export type Moves = Pick<EventData<'ProjectUpdated'>, 'moved' | 'left'>;

/**
 * What a new document does to the places of findings: which subprojects are those of before under another path, and which
 * recipes are no more. A subproject is the same when its language and commands are. So is the only one that went, if only
 * one of its language came.
 */
export function movesBetween(before: ProjectDocument, after: ProjectDocument): Moves {
  const has = ({ subprojects }: ProjectDocument, path: string) => subprojects.some((one) => one.path === path);
  const gone = before.subprojects.filter(({ path }) => !has(after, path));
  const come = after.subprojects.filter(({ path }) => !has(before, path));
  const successor = (one: Subproject): Subproject | undefined => {
    const alike = (other: Subproject) => keyOf(other) === keyOf(one);
    if (come.filter(alike).length === 1 && gone.filter(alike).length === 1) return come.find(alike);
    const only = come.length === 1 && gone.length === 1 ? come[0] : undefined;
    return only?.language === one.language ? only : undefined;
  };
  const moved = gone.flatMap((one) => {
    const to = successor(one)?.path;
    return to === undefined ? [] : [{ from: one.path, to }];
  });
  const left = before.subprojects.flatMap((one) => {
    const path = moved.find(({ from }) => from === one.path)?.to ?? one.path;
    const now = after.subprojects.find((other) => other.path === path);
    return recipeNames
      .filter((recipe) => one[recipe] !== undefined && now?.[recipe] === undefined)
      .map((recipe) => ({ subproject: path, recipe }));
  });
  return { ...(moved.length > 0 ? { moved } : {}), ...(left.length > 0 ? { left: left.slice(0, 256) } : {}) };
}

function keyOf({ language, ...rest }: Subproject): string {
  return JSON.stringify([language, ...recipeNames.map((recipe) => rest[recipe] ?? null)]);
}

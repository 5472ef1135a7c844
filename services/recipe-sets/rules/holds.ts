import type { RecipeHold, RecipeSourceDoc } from '../../../projections/projects/recipe-sources.ts';
import { AppError } from '../../floor/app-error.ts';

/** The one to show where there is room for one: the freeze, or the newest. */
export function foremostHold(holds: readonly RecipeHold[]): RecipeHold | null {
  return holds.find(({ sha }) => sha === null) ?? holds[0] ?? null;
}

/** What keeps the newest version back: a freeze, or a hold of it or of another commit with the same documents. */
export function holdOfNewest({ holds, versions }: Pick<RecipeSourceDoc, 'holds' | 'versions'>): RecipeHold | null {
  const [newest] = versions;
  const same = new Set(versions.filter(({ digest }) => digest === newest?.digest).map(({ sha }) => sha));
  const found = holds.filter(({ sha }) => sha === null || same.has(sha));
  return foremostHold(found);
}

/** The hold that a person wants to release. Throws AppError('conflict' or 'invalid') where that is none or not clear. */
export function holdMeant({ id, holds }: Pick<RecipeSourceDoc, 'id' | 'holds'>, sha?: string): RecipeHold {
  if (holds.length === 0) throw notHeld(`Nothing of ${id} is held.`);
  const freeze = holds.find((one) => one.sha === null);
  if (sha === undefined && freeze) return freeze;
  const found = sha === undefined ? holds : holds.filter((one) => one.sha?.startsWith(sha));
  const [hold] = found;
  if (hold && found.length === 1) return hold;
  const names = holds.flatMap((one) => (one.sha === null ? [] : [one.sha.slice(0, 12)])).join(', ');
  if (found.length > 1) {
    const what = sha === undefined ? 'are held' : `that begin with ${sha} are held`;
    throw new AppError('invalid', `Several versions of ${id} ${what}: name one of ${names}.`, { name: 'several_held' });
  }
  const rest = names === '' ? 'the whole source is: release it without a version' : `held are ${names}`;
  throw notHeld(`Version ${sha} of ${id} is not held; ${rest}.`);
}

function notHeld(message: string): AppError {
  return new AppError('conflict', message, { name: 'not_held' });
}

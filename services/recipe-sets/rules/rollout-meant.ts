import type { EventData } from '../../../events/registry.ts';
import type { RecipeSourceDoc, RecipeVersion } from '../../../projections/recipe-sources.ts';
import { AppError } from '../../floor/app-error.ts';

/** What a person may decide on a source. */
export const sourceSteps = ['rollout', 'hold', 'release', 'rollback'] as const;
export type SourceStep = (typeof sourceSteps)[number];

type Said = { readonly sha?: string; readonly reason?: string; readonly by: string };

/** The event of a decision of a person. Throws AppError('conflict', 'invalid') where there is nothing to decide on. */
export function rolloutMeant(
  step: SourceStep,
  source: RecipeSourceDoc,
  { sha, reason = '', by }: Said,
): EventData<'RecipeRolloutDecided'> {
  const { id, owner, production, held } = source;
  const base = { source: id, owner, from: production, by, reason, runs: [] };
  switch (step) {
    case 'rollout':
      return { ...base, step: 'production', sha: versionMeant(source, sha).sha };
    case 'hold':
      return { ...base, step: 'held', sha: sha === undefined ? null : versionMeant(source, sha).sha };
    case 'release':
      if (held === null) throw nothing(`Nothing of ${id} is held.`, 'not_held');
      return { ...base, step: 'released', sha: held.sha };
    case 'rollback': {
      const to = sha === undefined ? earlier(source) : versionMeant(source, sha).sha;
      if (to === null || to === production)
        throw nothing(`${id} had no other version in production before: name one with "sha".`, 'no_earlier_version');
      return { ...base, step: 'rolled_back', sha: to };
    }
    default:
      return step satisfies never;
  }
}

/** The version that begins so; the newest one unless told. Throws AppError('not_found' or 'invalid'). */
export function versionMeant({ id, versions }: Pick<RecipeSourceDoc, 'id' | 'versions'>, sha?: string): RecipeVersion {
  const found = sha === undefined ? versions.slice(0, 1) : versions.filter((one) => one.sha.startsWith(sha));
  if (found.length > 1) throw new AppError('invalid', `Several versions of ${id} begin with ${sha}.`);
  const [version] = found;
  if (version) return version;
  const what = sha === undefined ? 'no version yet: it was not read' : `no version ${sha}`;
  throw new AppError('not_found', `${id} has ${what}.`, { name: 'recipe_version' });
}

/** What production had before the version that it has. */
function earlier({ decisions, production, versions }: RecipeSourceDoc): string | null {
  const had = decisions
    .filter(({ step }) => step === 'first' || step === 'production' || step === 'rolled_back')
    .map(({ sha }) => sha);
  const found = had.find((sha) => sha !== production && versions.some((one) => one.sha === sha));
  return found ?? null;
}

function nothing(message: string, name: string): AppError {
  return new AppError('conflict', message, { name });
}

import type { EventData } from '../../../events/registry.ts';
import {
  isOlderVersion,
  type RecipeSourceDoc,
  type RecipeVersion,
} from '../../../projections/projects/recipe-sources.ts';
import { AppError } from '../../floor/app-error.ts';
import { holdMeant } from './holds.ts';

/** What a person may decide on a source. */
const sourceSteps = ['rollout', 'hold', 'release', 'rollback'] as const;
export type SourceStep = (typeof sourceSteps)[number];

type Said = { readonly sha?: string; readonly reason?: string; readonly by: string };

const longestReason = 1000;

/** Throws AppError('invalid') in words where a version or a reason is none; other faults are the schema's. */
export function checkSaid(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  const { sha, reason } = body as { readonly sha?: unknown; readonly reason?: unknown };
  if (typeof sha === 'string' && !/^[0-9a-f]{7,64}$/.test(sha))
    throw new AppError('invalid', 'version (sha): 7 to 64 digits of a commit were expected, of 0-9 and a-f.');
  if (typeof reason === 'string' && reason.length > longestReason)
    throw new AppError('invalid', `reason: at most ${longestReason} characters were expected, not ${reason.length}.`);
}

/** The event of a decision of a person. Throws AppError('conflict', 'invalid') where there is nothing to decide on. */
export function rolloutMeant(
  step: SourceStep,
  source: RecipeSourceDoc,
  { sha, reason = '', by }: Said,
): EventData<'RecipeRolloutDecided'> {
  const { id, owner, production } = source;
  const base = { source: id, owner, from: production, by, reason, runs: [] };
  switch (step) {
    case 'rollout':
      return { ...base, step: 'production', sha: versionMeant(source, sha).sha };
    case 'hold':
      return { ...base, step: 'held', sha: sha === undefined ? null : versionMeant(source, sha).sha };
    case 'release':
      return { ...base, step: 'released', sha: holdMeant(source, sha).sha };
    case 'rollback': {
      const to = sha === undefined ? earlier(source) : versionMeant(source, sha).sha;
      if (to === null)
        throw nothing(`${id} had no other version in production before that is not held: name one with "sha".`);
      if (to === production) throw nothing(`Production of ${id} has ${to.slice(0, 12)} already.`);
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

/** What production had before the version that it has: never one that it went back from, nor one that is held. */
function earlier(source: RecipeSourceDoc): string | null {
  const had: string[] = [];
  for (const { step, sha, from } of source.decisions.toReversed()) {
    if (sha === null || (step !== 'first' && step !== 'production' && step !== 'rolled_back')) continue;
    if (had.length === 0 && from !== null) had.push(from);
    const known = had.lastIndexOf(sha);
    if (step === 'rolled_back' || isOlderVersion(source, sha, from)) had.splice(known < 0 ? -1 : known);
    had.push(sha);
  }
  const usable = (sha: string) =>
    sha !== source.production &&
    source.versions.some((one) => one.sha === sha) &&
    !source.holds.some((one) => one.sha === sha);
  return had.findLast(usable) ?? null;
}

function nothing(message: string): AppError {
  return new AppError('conflict', message, { name: 'no_earlier_version' });
}

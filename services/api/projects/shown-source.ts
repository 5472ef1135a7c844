import { join } from 'node:path';
import type { Static } from '@sinclair/typebox';
import type { RecipeSourceDoc } from '../../../projections/projects/recipe-sources.ts';
import type { RecipeSource } from '../../documents/recipe-source-schema.ts';
import { AppError } from '../../floor/app-error.ts';
import { stepOf } from '../../recipe-sets/advance-source.ts';
import type { VersionDeps } from '../../recipe-sets/read-version.ts';
import { driftOf } from '../../recipe-sets/rules/drift.ts';
import { foremostHold } from '../../recipe-sets/rules/holds.ts';
import { openSetCache } from '../../recipe-sets/set-cache.ts';
import { type Caller, sees } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';

type Address = { readonly owner: string; readonly name: string };
type Asking = { readonly models: Pick<ApiDeps['models'], 'query'> };

/** What reads versions in a process of the API. */
export function versionDeps({ config, clock, sources = null, vault }: ApiDeps): VersionDeps {
  return { cache: openSetCache(join(config.cacheDir, 'recipe-sets'), clock.now), workspaces: sources, vault };
}

/** A bearer that is narrowed to projects sees what these name alone. */
function isSeen(source: RecipeSourceDoc, caller: Caller, { models }: Asking): boolean {
  if (caller.owner !== null && source.owner !== null && source.owner !== caller.owner) return false;
  if (caller.projects === null) return true;
  return models
    .query()
    .recipeSources.using(source.id)
    .some(({ name, owner }) => sees(caller, name, owner));
}

/** The sources that a caller may see, by id. */
export function sourcesOf(caller: Caller, deps: Asking): RecipeSourceDoc[] {
  return deps.models
    .query()
    .recipeSources.list()
    .filter((one) => isSeen(one, caller, deps));
}

/** Throws AppError('not_found'), also for what is another team's. */
export function visibleSource({ owner, name }: Address, caller: Caller, deps: Asking): RecipeSourceDoc {
  const found = deps.models.query().recipeSources.find(`${owner}/${name}`);
  if (!found || !isSeen(found, caller, deps)) throw new AppError('not_found', 'There is no such recipe source.');
  return found;
}

/** The same, for who wants to change it. Throws AppError('forbidden') for those of the farm, which are an admin's. */
export function changeableSource(address: Address, caller: Caller, deps: Asking): RecipeSourceDoc {
  const found = visibleSource(address, caller, deps);
  if (caller.projects !== null)
    throw new AppError('forbidden', 'A bearer that is narrowed to projects changes no recipe source.');
  if (found.owner === null && !caller.isAdmin)
    throw new AppError('forbidden', `${found.id} is for every team: only an admin changes it.`);
  return found;
}

/** A source with what is known of it, without its reference into the vault, and of projects what the caller may see. */
export async function shownSource(
  source: RecipeSourceDoc,
  caller: Caller,
  deps: ApiDeps,
): Promise<Static<typeof RecipeSource>> {
  const { query } = deps.models;
  const { credential_ref, set_seq: _seq, versions, decisions, ...rest } = source;
  const step = await stepOf(source, query, versionDeps(deps))
    .then(({ next }) => next)
    .catch((error): { does: 'wait'; needs: true; why: string } => {
      if (!(error instanceof AppError)) throw error;
      return { does: 'wait', needs: true, why: error.message };
    });
  const using = query()
    .recipeSources.using(source.id)
    .filter(({ name, owner }) => sees(caller, name, owner));
  const names = new Set(using.map(({ name }) => name));
  return {
    ...rest,
    held: foremostHold(source.holds),
    ...driftOf(source, step),
    has_credential: credential_ref !== null,
    versions: versions.map(({ documents, ...one }) => ({ ...one, documents: documents.map(({ name }) => name) })),
    decisions: decisions.map(({ seq: _at, runs, ...one }) => ({
      ...one,
      runs: runs.filter(({ project }) => names.has(project)),
    })),
    projects: using.map(({ name, tier = 'production', recipes_refused: refused }) => {
      const sha = query().recipeSources.pin(name, source.id)?.sha ?? null;
      const faults = refused?.source === source.id ? refused.faults : [];
      return { project: name, tier, sha, drift: sha !== source[tier], refused: faults[0]?.message ?? null, faults };
    }),
  };
}

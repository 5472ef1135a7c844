import type { ProjectDocument } from '../../events/projects/project.ts';
import { farmSources, type RecipePin } from '../../events/projects/recipe-set.ts';
import type { RecipeSourceDoc, RecipeVersion } from '../../projections/projects/recipe-sources.ts';
import type { Queries } from '../projector/read-models.ts';
import type { RepositoryRecipes } from '../projects/rules/repository-recipes.ts';
import { readVersion, type VersionDeps } from './read-version.ts';
import { setRecipes, type UsedDocument } from './rules/set-recipes.ts';

/** The versions that a project is to have, or the source that it may not name. */
type Wanted =
  | { readonly missing: null; readonly versions: ReadonlyMap<RecipeSourceDoc, RecipeVersion> }
  | { readonly missing: string };

/** Whether projects of a team may name a source. */
export function maySource(source: Pick<RecipeSourceDoc, 'owner'>, team: string): boolean {
  return source.owner === null || source.owner === team;
}

/** The version of each source for the tier of a project; null while one has none yet. `instead`: other versions than those. */
export function wantedVersions(
  project: ProjectDocument,
  query: Pick<Queries, 'recipeSources'>,
  instead: ReadonlyMap<string, string> = new Map(),
): Wanted | null {
  const versions = new Map<RecipeSourceDoc, RecipeVersion>();
  for (const id of new Set((project.recipe_sources ?? []).map(({ source }) => source))) {
    const source = query.recipeSources.find(id);
    if (source === undefined || !maySource(source, project.owner)) return { missing: id };
    const sha = instead.get(id) ?? source[project.tier ?? 'production'];
    const version = source.versions.find((one) => one.sha === sha);
    if (version === undefined) return null;
    versions.set(source, version);
  }
  return { missing: null, versions };
}

/** The recipes that these versions bring into a project. Throws AppError where a version cannot be read. */
export async function recipesOf(
  project: ProjectDocument,
  versions: ReadonlyMap<RecipeSourceDoc, RecipeVersion>,
  deps: VersionDeps,
): Promise<RepositoryRecipes> {
  const contents = new Map<string, ReadonlyMap<string, Buffer>>();
  for (const [source, version] of versions) contents.set(source.id, await readVersion(source, version, deps));
  const used = (project.recipe_sources ?? []).map(
    (use): UsedDocument => ({ use, file: contents.get(use.source)?.get(use.document) }),
  );
  return setRecipes(used, project);
}

export function pinsOf(versions: ReadonlyMap<RecipeSourceDoc, RecipeVersion>): RecipePin[] {
  return [...versions].map(([{ id }, { sha, digest }]) => ({ source: id, sha, digest }));
}

/** The id of a source: its owner's name, or `farm`, and its own. */
export function sourceId(owner: string | null, name: string): string {
  return `${owner ?? farmSources}/${name}`;
}

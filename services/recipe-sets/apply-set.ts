import { isDeepStrictEqual } from 'node:util';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { AppError, type Fault } from '../floor/app-error.ts';
import { type DecisionDeps, decisionOn } from '../projector/decision.ts';
import { whyNever } from '../projects/read-recipes.ts';
import { movesBetween } from '../projects/rules/moved-subprojects.ts';
import { storedDocument } from '../projects/rules/stored-document.ts';
import type { VersionDeps } from './read-version.ts';
import { pinsOf, recipesOf, wantedVersions } from './wanted-recipes.ts';

type ApplyDeps = DecisionDeps & VersionDeps;

/**
 * Gives a project the recipes of the versions that its tier is to have: what differs becomes one ProjectUpdated with the pins.
 * What it cannot take becomes RecipeSetNotTaken, and its recipes stay. Answers the last event's sequence, 0 for none.
 */
export async function applySets(name: string, deps: ApplyDeps): Promise<number> {
  const decision = await decisionOn('ProjectUpdated', name, deps);
  const project = decision.query().projects.find(name);
  if (project?.recipes !== 'sources') return 0;
  const wanted = wantedVersions(project, decision.query());
  if (wanted === null) return 0;
  if (wanted.missing !== null) {
    const message = `there is no recipe source ${wanted.missing} for projects of ${project.owner}`;
    return refuse(project, { source: wanted.missing, sha: null }, [{ path: '', message }], deps);
  }
  const read = await recipesOf(project, wanted.versions, deps);
  const pins = pinsOf(wanted.versions);
  if (read.faults !== null) {
    const named = pins.find(({ source }) => isOf(read.faults[0], source, project)) ?? pins[0];
    return named ? refuse(project, named, read.faults, deps) : 0;
  }
  const { subprojects } = read;
  const isThere = isDeepStrictEqual(subprojects, project.subprojects) && isDeepStrictEqual(pins, project.recipe_pins);
  if (isThere && !project.recipes_refused) return 0;
  const before = storedDocument(project);
  const languages = [...new Set(subprojects.map(({ language }) => language))];
  const after = { ...before, subprojects, languages, recipe_pins: pins };
  const made = await decision.tryAppend({ ...after, ...movesBetween(before, after) }).catch(whyNever);
  if (made === null) throw new AppError('unavailable', `The project ${name} was changed at the same moment.`);
  const [pin] = pins;
  if (typeof made === 'string') return pin ? refuse(project, pin, [{ path: '', message: made }], deps) : 0;
  return made.seq;
}

/** Whether a fault lies in a document of this source. */
function isOf(fault: Fault | undefined, source: string, { recipe_sources: uses = [] }: ProjectDoc): boolean {
  return uses.some((use) => use.source === source && fault?.path.startsWith(`${use.document}.json`));
}

async function refuse(
  { name }: ProjectDoc,
  { source, sha }: { readonly source: string; readonly sha: string | null },
  faults: readonly Fault[],
  deps: ApplyDeps,
): Promise<number> {
  const decision = await decisionOn('RecipeSetNotTaken', name, deps);
  const told = decision.query().projects.find(name)?.recipes_refused;
  if (told?.source === source && told.sha === sha && isDeepStrictEqual(told.faults, faults)) return 0;
  const made = await decision.tryAppend({ name, source, sha, faults: [...faults] });
  return made?.seq ?? 0;
}

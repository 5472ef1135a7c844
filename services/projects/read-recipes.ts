import { isDeepStrictEqual } from 'node:util';
import { UnopenableEvent } from '../../events/envelope.ts';
import { recipesFile } from '../../events/projects/project.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import type { Remote, Workspaces } from '../io/git/trees/workspaces.ts';
import { type DecisionDeps, decisionOn } from '../projector/decision.ts';
import { movesBetween } from './rules/moved-subprojects.ts';
import { repositoryRecipes } from './rules/repository-recipes.ts';
import { storedDocument } from './rules/stored-document.ts';

type ReadingDeps = DecisionDeps & { readonly workspaces: Pick<Workspaces, 'readBlobs'> };

type Place = { readonly project: ProjectDoc; readonly remote: Remote; readonly sha: string };

/**
 * Takes the recipes of a commit of the default branch into a project: what differs becomes ProjectUpdated with the commit. What
 * cannot be taken becomes RepositoryRecipesRefused, and the recipes stay. Answers the last event's sequence, 0 for none.
 */
export async function takeRecipes(place: Place, deps: ReadingDeps): Promise<number> {
  const { name, git_url, default_branch: branch } = place.project;
  const { workspaces } = deps;
  const files = await workspaces.readBlobs(place.remote, place.sha, [recipesFile]);
  const decision = await decisionOn('ProjectUpdated', name, deps);
  const project = decision.query().projects.find(name);
  if (project?.recipes !== 'repository') return 0;
  if (project.git_url !== git_url || project.default_branch !== branch) throw overtaken(name);
  const read = repositoryRecipes(files.get(recipesFile), project);
  if (read.faults !== null) return refuse({ ...place, project }, read.faults, deps);
  const { subprojects } = read;
  const isKnown = project.recipes_commit !== undefined && !project.recipes_refused;
  if (isKnown && isDeepStrictEqual(subprojects, project.subprojects)) return 0;
  const before = storedDocument(project);
  const languages = [...new Set(subprojects.map(({ language }) => language))];
  const after = { ...before, subprojects, languages, recipes_commit: place.sha };
  const made = await decision.tryAppend({ ...after, ...movesBetween(before, after) }).catch(whyNever);
  if (made === null) throw overtaken(name);
  return typeof made === 'string' ? refuse({ ...place, project }, [{ path: '', message: made }], deps) : made.seq;
}

/** Why no event can hold a document, however often it is tried. Throws what another time may be well. */
export function whyNever(error: unknown): string {
  if (isAppError(error, 'too_large') || error instanceof UnopenableEvent) return messageOf(error).slice(0, 1024);
  throw error;
}

async function refuse(
  { project, sha }: Place,
  faults: readonly { path: string; message: string }[],
  deps: ReadingDeps,
): Promise<number> {
  const { name, default_branch: branch } = project;
  const decision = await decisionOn('RepositoryRecipesRefused', name, deps);
  const told = decision.query().projects.find(name)?.recipes_refused;
  if (told?.sha === sha && isDeepStrictEqual(told.faults, faults)) return 0;
  const made = await decision.tryAppend({ name, branch, sha, faults: [...faults] });
  return made?.seq ?? 0;
}

function overtaken(name: string): AppError {
  return new AppError('unavailable', `The project ${name} was changed while its recipes were read.`);
}

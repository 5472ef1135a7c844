import { recipesFile } from '../../events/projects/project.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { isAppError } from '../floor/app-error.ts';
import { isSha } from '../io/git/mirrors/ref-name.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Vault } from '../io/sealing/vault.ts';
import { repositoryRecipes } from './rules/repository-recipes.ts';

type Asked = { readonly branch?: string; readonly sha?: string };
type Deps = {
  readonly vault: Pick<Vault, 'get'>;
  readonly sources?: Pick<Workspaces, 'readBlobs' | 'branchTip' | 'isAncestor'> | null;
};

/**
 * The project with the recipes of the commit that a job is asked for: only where people have merged that commit into the default
 * branch, and where its file can be taken. Otherwise those that were read last, as for every other branch.
 */
export async function withRecipesOf(asked: Asked, project: ProjectDoc, { vault, sources }: Deps): Promise<ProjectDoc> {
  const { recipes, recipes_commit: read, git_url: url, credential_ref, default_branch } = project;
  const sha = asked.sha?.toLowerCase();
  const isDefault = (asked.branch ?? default_branch) === default_branch;
  if (recipes !== 'repository' || !sources || sha === undefined || !isSha(sha) || !isDefault || sha === read)
    return project;
  try {
    const remote = credential_ref === null ? { url } : { url, credential: JSON.parse(await vault.get(credential_ref)) };
    const tip = await sources.branchTip(remote, default_branch);
    if (tip === null || (tip !== sha && !(await sources.isAncestor(remote, sha, tip)))) return project;
    const files = await sources.readBlobs(remote, sha, [recipesFile]);
    const found = repositoryRecipes(files.get(recipesFile), project);
    return found.faults === null ? { ...project, subprojects: found.subprojects, recipes_commit: sha } : project;
  } catch (error) {
    // The job itself will say what is wrong with its repository.
    if (isAppError(error)) return project;
    throw error;
  }
}

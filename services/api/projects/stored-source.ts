import type { Static } from '@sinclair/typebox';
import { farmSources } from '../../../events/projects/recipe-set.ts';
import type { RecipeSourceInput } from '../../documents/recipe-source-schema.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { refuseOwnFolder } from '../../io/git/mirrors/own-folder.ts';
import { isSha } from '../../io/git/mirrors/ref-name.ts';
import { parseRemoteUrl } from '../../io/git/mirrors/remote-url.ts';
import { decisionOn } from '../../projector/decision.ts';
import { cleanPath, isBranchName } from '../../projects/rules/project-document.ts';
import { sourceId } from '../../recipe-sets/wanted-recipes.ts';
import type { Caller } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';

/**
 * Keeps what somebody says of a source, its credential in the vault. `of`: the owner of the source that is changed; absent: it is
 * new. A PUT of the address without a credential keeps the one it has.
 */
export async function keepSource(
  input: Static<typeof RecipeSourceInput>,
  caller: Caller,
  deps: ApiDeps,
  of?: string | null,
): Promise<{ id: string; seq: number }> {
  const { ref = 'main', poll = 5 } = input;
  const owner = of === undefined ? ownerOf(input, caller) : of;
  const id = sourceId(owner, input.name);
  const { url, credential } = parseRemoteUrl(input.git_url, { allowLocal: deps.config.allowLocalRepos });
  refuseOwnFolder(url, [deps.config.dataDir, deps.config.workspaceDir, deps.config.cacheDir]);
  if (!isSha(ref) && !isBranchName(ref)) throw fault('ref', 'expected a branch, a tag, or a whole commit');
  const folder = cleanPath(input.folder ?? 'recipes');
  if (folder === null) throw fault('folder', 'must be a relative path inside the repository');
  const decision = await decisionOn('RecipeSourceSet', id, deps);
  const before = decision.query().recipeSources.find(id);
  if (of === undefined && before)
    throw new AppError('conflict', `There is a recipe source ${id} already.`, { name: 'name_taken' });
  if (of !== undefined && !before) throw new AppError('not_found', 'There is no such recipe source.');
  const kept = before?.git_url === url ? before.credential_ref : null;
  const credential_ref = credential ? await deps.vault.put(JSON.stringify(credential)) : kept;
  const data = { source: id, owner, git_url: url, credential_ref, ref, folder, poll, by: caller.name };
  const { seq } = await decision.append({ name: input.name, ...data }).catch(async (error) => {
    // While nobody knows whether the log took the event, the credential stays.
    if (credential_ref && credential_ref !== kept && isAppError(error) && error.code !== 'unavailable')
      await deps.vault.erase(credential_ref);
    throw error;
  });
  if (before?.credential_ref && before.credential_ref !== credential_ref) await deps.vault.erase(before.credential_ref);
  return { id, seq };
}

/** Whose a new source is. */
function ownerOf({ farm = false }: Static<typeof RecipeSourceInput>, caller: Caller): string | null {
  if (caller.projects !== null)
    throw new AppError('forbidden', 'A bearer that is narrowed to projects adds no recipe source.');
  if (farm && !caller.isAdmin) throw new AppError('forbidden', 'Sources for every team are an admin’s to add.');
  if (farm) return null;
  if (caller.team === farmSources)
    throw new AppError(
      'conflict',
      `The name ${farmSources} stands for the farm here: a team of this name has no sources.`,
    );
  return caller.team;
}

function fault(field: string, message: string): AppError {
  return new AppError('invalid', `/body/${field}: ${message}`, { faults: [{ path: `/body/${field}`, message }] });
}

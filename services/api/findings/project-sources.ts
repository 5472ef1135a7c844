import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { isAppError } from '../../floor/app-error.ts';
import { forgeSecrets } from '../../floor/forges/forge-instances.ts';
import { redactorOf } from '../../floor/text/redactor.ts';
import type { LineAuthor, LineRange } from '../../io/git/patches/line-authors.ts';
import type { ApiDeps } from '../define.ts';

/** Files of a commit, out of the mirror; none where no sources are at hand or the commit is not there any more. */
export async function filesAt(
  project: Pick<ProjectDoc, 'git_url' | 'credential_ref'>,
  sha: string,
  paths: readonly string[],
  { sources, vault, logger }: Pick<ApiDeps, 'sources' | 'vault' | 'logger'>,
): Promise<Map<string, Buffer>> {
  if (!sources) return new Map();
  const { git_url: url, credential_ref } = project;
  try {
    const remote = credential_ref ? { url, credential: JSON.parse(await vault.get(credential_ref)) } : { url };
    return await sources.readBlobs(remote, sha, paths);
  } catch (error) {
    if (!isAppError(error)) throw error;
    logger.debug({ code: error.code, error: error.message }, 'files of a commit could not be read');
    return new Map();
  }
}

/** Authors by project, commit and lines: what a commit says never changes. */
const kept = new Map<string, readonly LineAuthor[]>();
const mostKept = 500;

/** Who wrote lines of a file, out of the mirror; null where no sources are at hand, the lines are not there, or it took too long. */
export async function authorsOf(
  { name, owner, git_url: url, credential_ref }: Pick<ProjectDoc, 'name' | 'owner' | 'git_url' | 'credential_ref'>,
  sha: string,
  range: LineRange,
  { sources, vault, logger }: Pick<ApiDeps, 'sources' | 'vault' | 'logger'>,
): Promise<readonly LineAuthor[] | null> {
  if (!sources) return null;
  const key = JSON.stringify([name, owner, url, sha, range]);
  const known = kept.get(key);
  if (known) return known;
  try {
    const remote = credential_ref ? { url, credential: JSON.parse(await vault.get(credential_ref)) } : { url };
    const found = await sources.lineAuthors(remote, sha, range);
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, found);
    return found;
  } catch (error) {
    if (!isAppError(error)) throw error;
    logger.debug({ code: error.code, error: error.message }, 'authors of lines could not be read');
    return null;
  }
}

/** Masks what is ours or the project's own in a text: whoever may read the sources may not know it from anywhere else. */
export async function redactionFor(
  { credential_ref }: Pick<ProjectDoc, 'credential_ref'>,
  { config, vault }: Pick<ApiDeps, 'config' | 'vault'>,
): Promise<(text: string) => string> {
  const { password }: { password?: string } = credential_ref ? JSON.parse(await vault.get(credential_ref)) : {};
  const secrets = [
    password,
    config.patcher.clawdforge?.token,
    config.smtp?.password,
    ...forgeSecrets(config.patcher.forge),
  ];
  return redactorOf(secrets.flatMap((secret) => secret ?? [])).text;
}

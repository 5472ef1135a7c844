import type { JobDoc } from '../../../projections/jobs.ts';
import type { ProjectDoc } from '../../../projections/projects.ts';
import { isAppError } from '../../floor/app-error.ts';
import { forgeSecrets } from '../../floor/forge-instances.ts';
import { redactorOf } from '../../floor/redactor.ts';
import type { ApiDeps } from '../define.ts';

const newest = Number.MAX_SAFE_INTEGER;

/** The commit that the default branch was judged at last; null before the first run. */
export function judgedCommit(project: string, { models }: Pick<ApiDeps, 'models'>): string | null {
  const jobs = models
    .query()
    .jobs.page({ owner: null, project, status: null, before: newest, limit: 50 })
    .map(({ doc }) => JSON.parse(doc) as JobDoc);
  return jobs.find(({ on_default_branch, sha }) => on_default_branch && sha !== null)?.sha ?? null;
}

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

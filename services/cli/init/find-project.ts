import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAppError } from '../../floor/app-error.ts';
import { folderGit } from '../../io/git/folder-git.ts';
import { parseRemoteUrl, type Remote } from '../../io/git/mirrors/remote-url.ts';
import { openWorkspaces } from '../../io/git/trees/workspaces.ts';
import { detectProject } from '../../projects/detect-project.ts';
import { type DetectedProject, projectNameOf } from '../../projects/rules/detected-document.ts';
import type { Cli } from '../define.ts';
import { demoRepository } from '../demo/demo-repository.ts';

/** What was found in a repository, and where its document belongs. */
export type FoundProject = DetectedProject & {
  readonly sha: string;
  /** The root of the checkout that somebody named by its path; null for an address. */
  readonly folder: string | null;
  /** The address with its credential, for a registration; the document holds none. */
  readonly address: string;
  /** Why the farm could not fetch from that address; null when it can be. */
  readonly unreachable: string | null;
};

type Asked = {
  readonly repository: string;
  readonly branch: string | null;
  readonly name: string | null;
  readonly allTools?: boolean;
};

/** Looks at a repository by path or address, at the tip of a branch, in a folder of its own that is removed again. */
export async function findProject(
  { repository, branch, name, allTools = false }: Asked,
  { env, signal }: Pick<Cli, 'env' | 'signal'>,
): Promise<FoundProject> {
  const dir = await mkdtemp(join(tmpdir(), 'crafting-table-init-'));
  const workspaces = openWorkspaces({ dir: join(dir, 'work'), allowLocal: true });
  try {
    const known = await demoRepository({ repository, branch, keep: true }, dir, signal);
    const { kind, url, credential } = parseRemoteUrl(known.gitUrl, { allowLocal: true });
    const folder = kind === 'local' && !/^[a-z]+:/i.test(repository) ? url : null;
    const origin = folder === null ? known.gitUrl : await originOf(folder, env);
    const own = parseRemoteUrl(origin ?? known.gitUrl, { allowLocal: true });
    const wanted = { name: name ?? projectNameOf(own.url), shown: own.url, branch: known.branch, signal };
    const remote = { url, ...(credential ? { credential } : {}) };
    const found = await detectProject({ ...wanted, remote }, { workspaces, env, allTools });
    const unreachable = folder === null ? null : await whyUnreachable(origin, own, known.branch, workspaces.branchTip);
    return { ...found, folder, address: origin ?? known.gitUrl, unreachable };
  } finally {
    await workspaces.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function originOf(folder: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const answer = await folderGit(['remote', 'get-url', 'origin'], { cwd: folder, env }).catch(() => '');
  const url = answer.trim();
  if (url === '' || url.startsWith('.')) return null;
  try {
    parseRemoteUrl(url, { allowLocal: true });
    return url;
  } catch {
    return null;
  }
}

/** The farm fetches by itself: an address that only this checkout knows is of no use to it. */
async function whyUnreachable(
  origin: string | null,
  { url, credential }: Remote,
  branch: string,
  branchTip: (remote: Remote, branch: string) => Promise<string | null>,
): Promise<string | null> {
  if (origin === null) return 'the repository has no remote `origin` that a farm could fetch from';
  try {
    const tip = await branchTip({ url, ...(credential ? { credential } : {}) }, branch);
    return tip === null ? `origin has no branch ${branch} yet: push it` : null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.message;
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recipesFile } from '../../../events/projects/project.ts';
import { type Config, readConfig } from '../../config.ts';
import { AppError } from '../../floor/app-error.ts';
import { systemClock } from '../../floor/clock.ts';
import { type FoundForge, findForge } from '../../floor/forges/choose-forge.ts';
import { printable } from '../../floor/text/printable.ts';
import { farmToken } from '../../io/forge/farm-token.ts';
import type { Forge, PullRequest } from '../../io/forge/forge.ts';
import { openForge } from '../../io/forge/open-forge.ts';
import { parseRemoteUrl, type Remote } from '../../io/git/mirrors/remote-url.ts';
import { openWorkspaces, type Workspaces } from '../../io/git/trees/workspaces.ts';
import type { Cli } from '../define.ts';
import type { FoundProject } from './find-project.ts';
import { proposalBody, proposalTitle } from './pull-request-words.ts';

/** The branch that brings the file; one for each branch that it is offered to. */
export const proposalBranch = (base: string) => `crafting-table/recipes/${base}`;

type Proposing = {
  readonly found: FoundProject;
  /** What the file is to hold. */
  readonly text: string;
  readonly force: boolean;
};

/**
 * Offers the file as a pull request of the repository's forge, with the tokens of the environment. Doing it again finds the same
 * branch and pull request; what people changed there stays. Throws AppError in the words of git and the forge.
 */
export async function proposeRecipes(proposing: Proposing, cli: Pick<Cli, 'env' | 'print'>): Promise<number> {
  const { patcher } = readConfig(cli.env);
  const { url, credential } = parseRemoteUrl(proposing.found.address, { allowLocal: true });
  const place = findForge(url, patcher.forge);
  const forge = openForge(place, systemClock);
  if (place === null || forge === null) throw noForge(url);
  const own = credential ?? (await pushCredential(url, place));
  const remote = { url, ...(own ? { credential: own } : {}) };
  const dir = await mkdtemp(join(tmpdir(), 'crafting-table-propose-'));
  const workspaces = openWorkspaces({ dir: join(dir, 'work'), allowLocal: false });
  try {
    return await propose({ ...proposing, remote, forge, workspaces, author: patcher.author }, cli);
  } finally {
    await workspaces.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

type Scene = Proposing & {
  readonly remote: Remote;
  readonly forge: Forge;
  readonly workspaces: Workspaces;
  readonly author: Config['patcher']['author'];
};

async function propose(scene: Scene, cli: Pick<Cli, 'print'>): Promise<number> {
  const { found, text, force, remote, forge, workspaces } = scene;
  const { default_branch: base = 'main' } = found.document;
  // Where the remote stands: a checkout may be behind it, or before it.
  const baseSha = await workspaces.branchTip(remote, base);
  if (baseSha === null) throw new AppError('not_found', `${remote.url} has no branch ${base}: push it first.`);
  const standing = await fileAt(baseSha, scene);
  if (standing === text) {
    cli.print(`\n${recipesFile} of ${base} says exactly this already: there is nothing to propose.`);
    return 0;
  }
  if (standing !== null && !force)
    throw new AppError(
      'conflict',
      `${recipesFile} is on ${base} already; --force proposes what was found instead of it.`,
    );
  const head = proposalBranch(base);
  const known = await forge.findPull(head, base);
  if (known?.state === 'closed' && !force)
    throw new AppError('conflict', `People closed ${known.url} without merging it; --force asks once more.`);
  const tip = await workspaces.branchTip(remote, head);
  const isTheirs = tip !== null && known?.state === 'open' && (await fileAt(tip, scene)) !== text && !force;
  if (!isTheirs) await push({ ...scene, base, baseSha, head, tip });
  const pull = await offered(known, { ...scene, base, head, isTheirs });
  cli.print(`\nProposed    ${printable(pull.url)}`);
  if (isTheirs) cli.print(`            its branch holds another file, which stays; --force puts what was found there`);
  return 0;
}

/** The file at a commit; null where there is none. */
async function fileAt(sha: string, { remote, workspaces }: Scene): Promise<string | null> {
  const files = await workspaces.readBlobs(remote, sha, [recipesFile]);
  return files.get(recipesFile)?.toString('utf8') ?? null;
}

type Branch = { readonly base: string; readonly head: string };

async function push(scene: Scene & Branch & { baseSha: string; tip: string | null }): Promise<void> {
  const { text, remote, workspaces, base, baseSha, head, tip, author } = scene;
  if (tip !== null && (await fileAt(tip, scene)) === text) return;
  const made = await workspaces.changeTree(remote, baseSha, { form: 'files', files: new Map([[recipesFile, text]]) });
  if (!made.ok) throw new AppError('conflict', `The file cannot be put into the tree: ${made.reason}.`);
  const commit = await workspaces.commitPatch({
    remote,
    baseSha,
    diff: made.patch.diff,
    message: `${proposalTitle}\n`,
    author,
    time: new Date(systemClock.now()).toISOString(),
  });
  const result = await workspaces.push({ remote, commit, branch: head, expect: tip, never: [base] });
  if (!result.pushed) throw new AppError('conflict', `Somebody else has moved the branch ${head}: try again.`);
}

async function offered(
  known: PullRequest | null,
  { found, forge, base, head, isTheirs }: Scene & Branch & { isTheirs: boolean },
): Promise<PullRequest> {
  const text = { title: proposalTitle, body: proposalBody(found, found.sha) };
  if (known?.state !== 'open') return forge.openPull({ ...text, head, base, labels: [], assignees: [] });
  return isTheirs ? known : forge.updatePull(known.number, text);
}

async function pushCredential(url: string, place: FoundForge): Promise<Remote['credential']> {
  if (!/^https?:/.test(url)) return undefined;
  const token = await farmToken(place, systemClock)?.get();
  return token === undefined ? undefined : { username: 'x-access-token', password: token };
}

function noForge(url: string): AppError {
  return new AppError(
    'invalid',
    `No forge with a token is set up for ${url}: set CRAFTING_GITEA_URL and CRAFTING_GITEA_TOKEN, CRAFTING_GITHUB_TOKEN, or CRAFTING_FORGES.`,
  );
}

import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { findForge } from '../floor/forges/choose-forge.ts';
import { farmToken } from '../io/forge/farm-token.ts';
import { openForge } from '../io/forge/open-forge.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { grantOf } from '../projects/forge-access.ts';
import { compareBranches } from './compare-branches.ts';
import { comparePulls } from './compare-pulls.ts';
import { compareTrees } from './compare-trees.ts';
import type { Repository } from './compared-repository.ts';
import { type Comparison, openReport } from './outside-report.ts';
import type { RemoteBranches } from './remote-branches.ts';

export type OutsideDeps = {
  readonly config: Config;
  readonly models: Pick<ReadModels, 'query'>;
  readonly vault: Pick<Vault, 'get'>;
  readonly branches: Pick<RemoteBranches, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Attempts that are looked at, the newest. */
const mostAttempts = 10_000;
const lanes = 4;
const page = 500;

/**
 * Compares what lies outside with the log: the branches and pull requests of the patch loop, and the trees on this
 * machine's disk. After a restore the outside may be ahead of the log. Nothing is changed.
 */
export async function compareOutside(deps: OutsideDeps): Promise<Comparison> {
  const report = openReport();
  const projects = allProjects(deps);
  const waiting = repositoriesOf(projects, allAttempts(deps));
  await compareTrees(deps.config.workspaceDir, new Set(waiting.map(({ url }) => url)), report);
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await compareRepository(next, deps, report);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return report.end();
}

async function compareRepository(
  repository: Repository,
  { config, models, vault, branches, clock }: OutsideDeps,
  report: ReturnType<typeof openReport>,
): Promise<void> {
  const { projects, url } = repository;
  for (const _ of projects) report.count('projects');
  const { forge: forges, branchPrefix } = config.patcher;
  const place = findForge(url, forges);
  const granted = projects.some((one) => grantOf(one, { config, query: models.query, clock })?.granted === true);
  try {
    const token = granted && place ? ((await farmToken(place, clock)?.get()) ?? null) : null;
    const remote = await remoteOf(repository, token, vault);
    const found = await branches.list(remote, branchPrefix);
    const attempts = repository.attempts.filter(({ branch }) => branch.startsWith(branchPrefix));
    const unknown = compareBranches({ ...repository, attempts }, found, report);
    await comparePulls({ repository, unknown, found, forge: granted ? openForge(place, clock) : null }, report);
  } catch (error) {
    report.differs({
      what: 'not_compared',
      id: url,
      expected: 'an answer',
      found: messageOf(error),
      advice: 'Its branches and pull requests were not compared: compare again when it answers.',
    });
  }
}

/** With a project's credential or, for want of one, the forge's token, as a push of the patch loop does. */
async function remoteOf(
  { url, projects }: Repository,
  token: string | null,
  vault: Pick<Vault, 'get'>,
): Promise<Remote> {
  const ref = projects.find(({ credential_ref }) => credential_ref !== null)?.credential_ref;
  if (ref) return { url, credential: JSON.parse(await vault.get(ref)) };
  return token && /^https?:/.test(url) ? { url, credential: { username: 'x-access-token', password: token } } : { url };
}

function repositoriesOf(projects: readonly ProjectDoc[], attempts: readonly PatchDoc[]): Repository[] {
  const byUrl = Map.groupBy(projects, ({ git_url }) => git_url);
  const byProject = Map.groupBy(attempts, ({ project }) => project);
  return [...byUrl].map(([url, its]) => ({
    url,
    projects: its,
    attempts: its.flatMap(({ name }) => byProject.get(name) ?? []),
  }));
}

function allProjects({ models }: OutsideDeps): ProjectDoc[] {
  const found: ProjectDoc[] = [];
  for (let after = ''; ; ) {
    const next = models.query().projects.page({ owner: null, after, limit: page });
    found.push(...next);
    after = next.at(-1)?.name ?? '';
    if (next.length < page) return found;
  }
}

function allAttempts({ models }: OutsideDeps): PatchDoc[] {
  const found: PatchDoc[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; found.length < mostAttempts; ) {
    const filter = { owner: null, project: null, status: null, before, limit: page };
    const next = models.query().patches.page(filter);
    found.push(...next.map(({ doc }) => JSON.parse(doc) as PatchDoc));
    before = next.at(-1)?.seq ?? 0;
    if (next.length < page) return found;
  }
  return found;
}

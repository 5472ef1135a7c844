import { recipeNames } from '../../events/fields.ts';
import type { EventData } from '../../events/registry.ts';
import { filterOf } from '../../events/subjects.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { AppError, messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { keyedLock } from '../floor/keyed-lock.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import { missingBranch } from '../io/git/mirrors/git-failure.ts';
import { unlessAborted } from '../io/git/mirrors/joined-run.ts';
import type { Remote, Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { takeRecipes } from '../projects/read-recipes.ts';
import { isOwnTrouble, tellUnread } from '../projects/tell-unread.ts';
import { ownName } from './fire-slots.ts';
import { derivedJobs, headId } from './rules/derived-jobs.ts';

type HeadDeps = {
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly vault: Vault;
  readonly workspaces: Pick<Workspaces, 'branchTip' | 'readBlobs'>;
  readonly logger: Log;
  readonly clock: Clock;
  /** Ends the waiting for remotes. */
  readonly signal: AbortSignal;
};

export type HeadWatch = {
  /** Asks the remotes whose time has come, and all of them the first time. */
  poll(): Promise<void>;
  /** Somebody said in the event at `seq` that this project's branch has moved: asks, unless that was done since. */
  hear(project: string, seq: number): Promise<void>;
  /** The project was changed by the event at `seq`: asks as well, and takes what it sees for what stood there before. */
  meet(project: string, seq: number): Promise<void>;
};

/** When a remote was asked: all that the log held up to `seq` had happened before. */
type Look = { readonly of: string; readonly atMs: number; readonly seq: number; readonly answered: boolean };

const lanes = 4;
const lag = 10_000;
/** For a remote that did not answer, where nothing else is said, in minutes. */
const usualPause = 5;
const asks = 3;

/** Compares the default branches of projects with the heads last seen; every new head becomes one event. */
export function watchHeads(deps: HeadDeps): HeadWatch {
  const { models, logger, clock, signal } = deps;
  const looks = new Map<string, Look>();
  const recipes = recipesTaken(deps);
  const withLock = keyedLock();

  /** Answers what of the farm itself stood in the way of a look, which is none then; null when there was one. */
  const look = async (project: ProjectDoc, heard: number | null): Promise<AppError | null> => {
    const before = { of: watchedPart(project), atMs: clock.now(), seq: models.seq() };
    try {
      await compare(project, heard, { ...deps, recipes });
      looks.set(project.name, { ...before, answered: true });
      await tellUnread(project, null, deps);
      return null;
    } catch (error) {
      if (signal.aborted) return null;
      const own = isOwnTrouble(error) ? error : null;
      if (own) looks.delete(project.name);
      else looks.set(project.name, { ...before, answered: false });
      await tellUnread(project, error, deps).catch((cause) =>
        logger.warn({ error: messageOf(cause) }, 'a branch could not be told of'),
      );
      logger.warn(
        { project: project.name, error: messageOf(error) },
        'a branch could not be looked at, will try again',
      );
      return own;
    }
  };
  const isDue = (project: ProjectDoc): boolean => {
    const last = looks.get(project.name);
    if (last?.of !== watchedPart(project)) return true;
    const isQuiet = last.answered && project.recipes !== 'repository';
    const pause = project.schedule.poll ?? (isQuiet ? null : usualPause);
    const nowMs = clock.now();
    return pause !== null && (nowMs >= last.atMs + pause * 60_000 || nowMs < last.atMs);
  };
  const lookLocked = (name: string, isWanted: (project: ProjectDoc) => boolean, heard: number | null) =>
    withLock(name, async () => {
      const project = models.query().projects.find(name);
      if (signal.aborted || !project || !isWatched(project) || !isWanted(project)) return null;
      return look(project, heard);
    });
  const lookSince = async (name: string, seq: number, heard: number | null) => {
    await caughtUp(seq, deps);
    const isNews = (project: ProjectDoc) => {
      const last = looks.get(name);
      return last?.of !== watchedPart(project) || last.seq < seq;
    };
    const trouble = await lookLocked(name, isNews, heard);
    if (signal.aborted) throw new AppError('unavailable', 'The scheduler stops.');
    if (trouble) throw trouble;
  };
  return {
    poll: async () => {
      const waiting = [...watched(models)].filter(isDue);
      const lane = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await lookLocked(next.name, isDue, null);
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    },
    hear: (name, seq) => lookSince(name, seq, seq),
    meet: (name, seq) => lookSince(name, seq, null),
  };
}

/** A project that the read models do not know yet is looked at by nobody: whoever told of it tells again. */
async function caughtUp(seq: number, { models }: Pick<HeadDeps, 'models'>): Promise<void> {
  if (!(await models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
}

/** Every project whose branch is of interest. */
export function* watched({ query }: Pick<ReadModels, 'query'>): Generator<ProjectDoc> {
  const limit = 500;
  for (let after = ''; ; ) {
    const page = query().projects.page({ owner: null, after, limit });
    yield* page.filter(isWatched);
    const last = page.at(-1);
    if (!last || page.length < limit) return;
    after = last.name;
  }
}

function isWatched({ enabled, recipes, schedule: { poll, on_push = [] } }: ProjectDoc): boolean {
  return enabled && (poll !== undefined || on_push.length > 0 || recipes === 'repository');
}

const watchedPart = ({ git_url, default_branch, created_at, recipes }: ProjectDoc) =>
  JSON.stringify([git_url, default_branch, created_at, recipes]);

type Comparing = HeadDeps & { readonly recipes: (project: ProjectDoc, remote: Remote, sha: string) => Promise<void> };

/** Takes the recipes of a head into a project that has them from there: once for each head and each document. */
function recipesTaken(deps: HeadDeps): Comparing['recipes'] {
  const taken = new Map<string, string>();
  return async ({ name, recipes }, remote, sha) => {
    const now = deps.models.query().projects.find(name);
    if (recipes !== 'repository' || !now || taken.get(name) === `${now.seq} ${sha}`) return;
    const seq = await takeRecipes({ project: now, remote, sha }, deps);
    await deps.models.applied(seq, lag);
    taken.set(name, `${deps.models.query().projects.find(name)?.seq} ${sha}`);
  };
}

/**
 * Asks for the head and appends it when it is new. Where another head was seen in the meantime the answer may be the older
 * one of the two, and the remote is asked again.
 */
async function compare(project: ProjectDoc, heard: number | null, deps: Comparing): Promise<void> {
  const { log, models, workspaces, signal, recipes } = deps;
  const { name, default_branch: branch } = project;
  const known = () => models.query().schedules.head(name, branch);
  for (let left = asks; left > 0; left -= 1) {
    const before = known();
    const remote = await remoteOf(project, deps);
    const sha = await unlessAborted(workspaces.branchTip(remote, branch), signal);
    // Before the head is seen: the jobs of a head run with the recipes that its commit brings.
    if (sha !== null) await unlessAborted(recipes(project, remote, sha), signal);
    if (sha === null && project.recipes === 'repository') throw missingBranch(remote, branch, null);
    if (sha === null) return;
    if (sha === before?.sha) return;
    await caughtUp(await log.end(filterOf('BranchHeadSeen')), deps);
    if (known()?.seq !== before?.seq) continue;
    // A push that was heard of after the project was set up is news, though no head was seen before.
    const by =
      before === null && (heard === null || heard < project.seq) ? 'first' : heard === null ? 'poll' : 'webhook';
    return append(models.query().projects.find(name) ?? project, { sha, by }, deps);
  }
}

type NewHead = { readonly sha: string; readonly by: EventData<'BranchHeadSeen'>['by'] };

async function append(project: ProjectDoc, { sha, by }: NewHead, { log, models }: HeadDeps): Promise<void> {
  const { name, default_branch: branch, schedule } = project;
  const id = headId({ project: name, branch, sha }, models.query().schedules.timesHead(name, branch, sha));
  const recipes = by === 'first' ? [] : recipeNames.filter((recipe) => schedule.on_push?.includes(recipe));
  const jobs = derivedJobs(project, recipes, { id, by: ownName, branch, sha }).map(({ job_id }) => job_id);
  const data = { project: name, branch, sha, by, jobs };
  const { seq } = await appendOnce(log, { type: 'BranchHeadSeen', id, data }, { expect: 0 });
  await models.applied(seq, lag);
}

async function remoteOf({ git_url: url, credential_ref }: ProjectDoc, { vault }: HeadDeps) {
  return credential_ref === null ? { url } : { url, credential: JSON.parse(await vault.get(credential_ref)) };
}

import { recipeNames } from '../../events/fields.ts';
import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import type { Recorded } from '../../events/registry.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { Config } from '../config.ts';
import { type Consumer, defineConsumer, done, type EffectOf, type HandlerResult } from '../define.ts';
import { AppError } from '../floor/app-error.ts';
import { chooseForge } from '../floor/forges/choose-forge.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { ReadModels } from '../projector/read-models.ts';
import type { SourceWatch } from '../recipe-sets/watch-sources.ts';
import { ownName } from './fire-slots.ts';
import { derivedJobs } from './rules/derived-jobs.ts';
import { isSameRepository } from './rules/same-repository.ts';
import { type HeadWatch, watched } from './watch-heads.ts';

type SchedulerParts = {
  readonly config: Pick<Config, 'patcher'>;
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly heads: Pick<HeadWatch, 'hear' | 'meet'>;
  readonly sources: Pick<SourceWatch, 'advance' | 'hear' | 'meet'>;
};

const lag = 10_000;
/** An event whose jobs are missing still, though one like it came so much later in the log, is of another time. */
const leftBehindMs = 3_600_000;

/** Makes jobs of the slots that were used and the heads that were seen, and asks remotes of which a forge tells. */
export function scheduler(deps: SchedulerParts): Consumer {
  return defineConsumer({
    name: 'scheduler',
    maxInFlight: 8,
    on: {
      ScheduleFired: async (event, effect) => {
        const { project: name, recipe, by } = event.data;
        const project = await projectAt(event, deps);
        const newest = deps.models.query().schedules.find(name, recipe)?.last?.at;
        if (!project || isLeftBehind(event, newest)) return done;
        return enqueueAll(event, derivedJobs(project, [recipe], { id: event.entityId, by }), { effect, deps });
      },
      BranchHeadSeen: async (event, effect) => {
        const { project: name, branch, sha } = event.data;
        const project = await projectAt(event, deps);
        const newest = deps.models.query().schedules.head(name, branch)?.seen_at;
        if (!project || isLeftBehind(event, newest)) return done;
        const jobs = derivedJobs(project, recipeNames, { id: event.entityId, by: ownName, branch, sha });
        return enqueueAll(event, jobs, { effect, deps });
      },
      ProjectRegistered: (event) => meet(event, deps),
      ProjectUpdated: (event) => meet(event, deps),
      ForgeEventReceived: async (event) => {
        const { kind, branch, commit } = event.data;
        if (kind !== 'push' || branch === null || commit === null) return done;
        await applied(event, deps);
        const concerned = [...watched(deps.models)].filter(
          (project) => project.default_branch === branch && isAbout(event, project, deps),
        );
        const told = deps.models
          .query()
          .recipeSources.list()
          .filter((one) => isAbout(event, one, deps));
        await Promise.all([
          ...concerned.map(({ name }) => deps.heads.hear(name, event.seq)),
          ...told.map(({ id }) => deps.sources.hear(id, event.seq)),
        ]);
        return done;
      },
      RecipeSourceSet: async ({ data, seq }) => {
        await deps.sources.hear(data.source, seq);
        return done;
      },
      RecipeRolloutDecided: async ({ data, seq }) => {
        await deps.sources.advance(data.source, seq);
        return done;
      },
    },
  });
}

/** Recipes of a repository are read when a project first says so, and when what they may ask for changed. */
async function meet(
  { data: { name, recipes }, seq }: Recorded<'ProjectRegistered' | 'ProjectUpdated'>,
  { heads, sources }: SchedulerParts,
): Promise<HandlerResult> {
  if (recipes === 'repository') await heads.meet(name, seq);
  if (recipes === 'sources') await sources.meet(name, seq);
  return done;
}

type Deriving = Recorded<'ScheduleFired' | 'BranchHeadSeen'>;

async function applied({ seq }: Recorded, { models }: SchedulerParts): Promise<void> {
  if (!(await models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
}

/** The project that an event is about, as it is now; null when it has been removed or switched off since. */
async function projectAt(event: Deriving, deps: SchedulerParts): Promise<ProjectDoc | null> {
  await applied(event, deps);
  const project = deps.models.query().projects.find(event.data.project);
  return project?.enabled && event.time >= project.created_at ? project : null;
}

function isLeftBehind({ time }: Deriving, newest: string | undefined): boolean {
  return newest !== undefined && Date.parse(newest) - Date.parse(time) > leftBehindMs;
}

/** Appends the jobs that the event announced. Those that are there already, from before a crash, stay as they are. */
async function enqueueAll(
  { data: { jobs: announced } }: Deriving,
  jobs: readonly JobEnqueuedData[],
  { effect, deps }: { effect: EffectOf; deps: SchedulerParts },
): Promise<HandlerResult> {
  for (const data of jobs.filter(({ job_id }) => announced.includes(job_id))) {
    const draft = { type: 'JobEnqueued' as const, id: data.job_id, data };
    await appendOnce(deps.log, draft, { expect: 0, cause: effect(data.job_id) });
  }
  return done;
}

/** Whether a forge speaks of this project's repository. More than a look at the project's own remote does not come of it. */
function isAbout(
  { data }: Recorded<'ForgeEventReceived'>,
  { git_url }: Pick<ProjectDoc, 'git_url'>,
  { config }: SchedulerParts,
): boolean {
  if (data.clone_url !== null && isSameRepository(git_url, data.clone_url)) return true;
  const { kind, repository } = chooseForge(git_url, config.patcher.forge);
  return kind === data.forge && repository?.toLowerCase() === data.repository?.toLowerCase();
}

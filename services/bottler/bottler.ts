import type { AgentRunEndedData } from '../../events/jobs/bottle.ts';
import type { Recorded } from '../../events/registry.ts';
import { resolveManifest } from '../bottles/rules/resolve-manifest.ts';
import type { Config } from '../config.ts';
import { type Consumer, defineConsumer, done, type EffectOf } from '../define.ts';
import { AppError, isAppError } from '../floor/app-error.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { BottleStore } from '../io/nats/stores/bottle-store.ts';
import { derivedJobId } from '../jobs/rules/job-id.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { agentJob, agentJobId } from './rules/agent-job.ts';
import { endOfJob } from './rules/end-of-job.ts';

type BottlerDeps = {
  readonly config: Pick<Config, 'bottleWatchdogSecs'>;
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly bottles: BottleStore;
};

const lag = 10_000;

/** Leads a bottle from what was asked for to its job, from the end of that to its own, and to its deletion. */
export function bottler(deps: BottlerDeps): Consumer {
  const finally_ = async (work: Promise<void>) => {
    await work;
    return done;
  };
  return defineConsumer({
    name: 'bottler',
    maxInFlight: 4,
    on: {
      AgentRunRequested: (event, effect) => finally_(begin(event, effect, deps)),
      AgentRunStopRequested: (event, effect) => finally_(stop(event.data.bottle_id, effect, deps)),
      // Of one that runs, its gateway makes an end.
      AgentKilled: (event, effect) => finally_(stopWaiting(event.data.bottle_id, effect, deps)),
      AgentFrozen: (event, effect) => finally_(stopWaiting(event.data.bottle_id, effect, deps)),
      RecipeExited: (event, effect) => finally_(jobEnded(event, effect, deps)),
      PrMerged: (event, effect) => finally_(pullEnded(event, 'Its pull request was merged.', effect, deps)),
      PrClosed: (event, effect) => finally_(pullEnded(event, 'Its pull request was closed.', effect, deps)),
      PrSuperseded: (event, effect) => finally_(pullEnded(event, 'What it mended is gone.', effect, deps)),
      WorkEnded: async ({ data }, effect) => {
        for (const id of data.bottles) await destroy(id, 'What it worked on is over.', effect, deps);
        return done;
      },
      BottleDestroyed: (event) => finally_(remove(event, deps)),
    },
  });
}

/** The project as it is now says which manifest that is: what was asked for while it waited is not frozen. */
async function begin({ seq, data }: Recorded<'AgentRunRequested'>, effect: EffectOf, deps: BottlerDeps): Promise<void> {
  const { log, models, config } = deps;
  if (!(await models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
  if (await log.last('AgentRunEnded', data.bottle_id)) return;
  const fail = (why: string) => end({ ...neverRan(data), ended: 'failed', why }, effect, deps);
  const project = models.query().projects.find(data.project);
  if (project === undefined) return fail(`The project ${data.project} is gone.`);
  if (await log.last('AgentRunStopRequested', data.bottle_id))
    return end({ ...neverRan(data), ended: 'stopped', why: 'Somebody stopped it.' }, effect, deps);
  try {
    const manifest = resolveManifest(data.agent, project.agents, { watchdogSecs: config.bottleWatchdogSecs });
    const job = agentJob(data, project, manifest);
    if (typeof job === 'string') return await fail(job);
    await appendOnce(log, { type: 'JobEnqueued', id: job.job_id, data: job }, { expect: 0, cause: effect('job') });
  } catch (error) {
    if (!isAppError(error) || error.code === 'unavailable') throw error;
    await fail(error.message);
  }
}

type Asked = Recorded<'AgentRunRequested'>['data'];

const neverRan = ({ bottle_id, project }: Asked) => ({
  ...{ bottle_id, project, exit_code: null, sha: null, diff: null, session: null },
  ...{ started_at: null, duration_ms: 0, turns: null },
});

/** A bottle ends once, whoever says so first. */
async function end(data: AgentRunEndedData, effect: EffectOf, { log }: BottlerDeps): Promise<void> {
  await appendOnce(log, { type: 'AgentRunEnded', id: data.bottle_id, data }, { expect: 0, cause: effect('ended') });
}

/** The newest of the jobs of a bottle: the first, or the one that took its place when its runner was lost. */
async function newestJob(bottleId: string, { log }: BottlerDeps) {
  let newest = await log.last('JobEnqueued', agentJobId(bottleId));
  for (let next = newest; next !== null; ) {
    newest = next;
    next = await log.last('JobEnqueued', derivedJobId(next.data.job_id, 'retry'));
  }
  return newest;
}

async function stop(bottleId: string, effect: EffectOf, deps: BottlerDeps): Promise<void> {
  const { log } = deps;
  const job = await newestJob(bottleId, deps);
  if (job === null) {
    const asked = await log.last('AgentRunRequested', bottleId);
    if (asked) await end({ ...neverRan(asked.data), ended: 'stopped', why: 'Somebody stopped it.' }, effect, deps);
    return;
  }
  const { job_id, project } = job.data;
  if (await log.last('RecipeExited', job_id)) return;
  const draft = { type: 'JobCancelRequested', id: job_id, data: { job_id, project, by: 'crafting-table' } } as const;
  await appendOnce(log, draft, { expect: 0, cause: effect('cancel') });
}

async function stopWaiting(bottleId: string, effect: EffectOf, deps: BottlerDeps): Promise<void> {
  const job = await newestJob(bottleId, deps);
  if (job === null || (await deps.log.last('RecipeStarted', job.data.job_id)) === null)
    await stop(bottleId, effect, deps);
}

async function jobEnded({ seq, data }: Recorded<'RecipeExited'>, effect: EffectOf, deps: BottlerDeps): Promise<void> {
  const { log, models } = deps;
  if (!(await models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
  if (!models.query().bottles.isJob(data.job_id)) return;
  const enqueued = await log.last('JobEnqueued', data.job_id);
  const bottle_id = enqueued?.data.bottle?.bottle_id;
  if (bottle_id === undefined) return;
  const started = await log.first('AgentRunStarted', bottle_id);
  const ended = endOfJob(data, { bottle_id, startedAt: started?.time ?? null });
  if (ended) await end(ended, effect, deps);
}

/** Whatever worked for a pull request, in however many rounds, goes with it. */
async function pullEnded(
  { seq, data }: Recorded<'PrMerged' | 'PrClosed' | 'PrSuperseded'>,
  why: string,
  effect: EffectOf,
  deps: BottlerDeps,
): Promise<void> {
  if (!(await deps.models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
  const { patches, bottles } = deps.models.query();
  const patch = patches.find(data.patch_id)?.doc;
  const ids = new Set([
    ...bottles.ofPatch(data.patch_id),
    ...(patch?.bottle ? bottles.lineOf(patch.bottle.bottle_id) : []),
  ]);
  for (const id of ids) await destroy(id, why, effect, deps);
}

async function destroy(bottle_id: string, reason: string, effect: EffectOf, { log }: BottlerDeps): Promise<void> {
  const asked = await log.last('AgentRunRequested', bottle_id);
  if (!asked) return;
  const data = { bottle_id, project: asked.data.project, by: 'crafting-table', reason };
  await appendOnce(
    log,
    { type: 'BottleDestroyed', id: bottle_id, data },
    { expect: 0, cause: effect(`destroy ${bottle_id}`) },
  );
}

/** Another bottle may have left the same: what one of those may still need stays until it expires. */
async function remove(
  { seq, data }: Recorded<'BottleDestroyed'>,
  { log, models, bottles }: BottlerDeps,
): Promise<void> {
  const ended = await log.last('AgentRunEnded', data.bottle_id);
  if (!(await models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
  const { isNeeded } = models.query().bottles;
  for (const digest of [ended?.data.session, ended?.data.diff?.digest])
    if (digest && !isNeeded(digest)) await bottles.remove(digest);
}

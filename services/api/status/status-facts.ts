import type { ProjectDocument } from '../../../events/projects/project.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { everyProject, overdueDigest } from '../../digester/rules/due-digests.ts';
import { grantOf } from '../../projects/forge-access.ts';
import type { Times } from '../../scheduler/rules/schedule-words.ts';
import { slotAfter } from '../../scheduler/rules/slots-between.ts';
import type { ApiDeps } from '../define.ts';
import type { LiveRunner } from '../live/live-runners.ts';

/** How many lines of each list an answer holds at most. */
const most = { running: 200, groups: 200, recent: 20, schedules: 20 } as const;
/** Schedules of which the next slot is computed. */
const mostSchedules = 500;
const newest = Number.MAX_SAFE_INTEGER;

/** Everybody's running jobs: limits count them all, whoever asks. */
export function runningJobs(deps: ApiDeps) {
  return deps.models
    .query()
    .jobs.running()
    .map(({ owner, doc }) => {
      const job = JSON.parse(doc) as JobDoc;
      return { owner, job, group: concurrencyOf(job.job_id, job.project, deps).group ?? null };
    });
}

export type RunningJob = ReturnType<typeof runningJobs>[number];

/** Jobs that run, those that run longest first. */
export function shownJobs(running: readonly RunningJob[], owner: string | null, nowMs: number) {
  return running
    .filter((one) => owner === null || one.owner === owner)
    .map(({ job }) => ({
      job_id: job.job_id,
      project: job.project,
      subproject: job.subproject,
      recipe: job.recipe,
      branch: job.branch,
      purpose: job.purpose,
      runner: job.runner,
      elapsed_ms: Math.max(0, nowMs - Date.parse(job.started_at ?? job.enqueued_at)),
      cancelling: job.cancel_requested_by !== null,
    }))
    .sort((a, b) => b.elapsed_ms - a.elapsed_ms)
    .slice(0, most.running);
}

type Scene = {
  readonly running: readonly RunningJob[];
  readonly runners: readonly LiveRunner[];
  readonly nowMs: number;
};

/** What waits, by priority and project, in the order in which it is served, and why the first of each does. */
export function shownQueue(owner: string | null, scene: Scene, deps: ApiDeps) {
  const { models } = deps;
  return models
    .query()
    .jobs.waiting(owner, most.groups)
    .map(({ job_id, enqueued_at, seq: _place, ...group }) => ({
      ...group,
      waiting_ms: Math.max(0, scene.nowMs - Date.parse(enqueued_at)),
      why: whyWaiting({ project: group.project, concurrency: concurrencyOf(job_id, group.project, deps) }, scene),
    }));
}

function concurrencyOf(jobId: string, project: string, { models }: ApiDeps) {
  return models.enqueued(jobId)?.data.concurrency ?? models.query().projects.find(project)?.concurrency ?? {};
}

type Waiting = {
  readonly project: string;
  readonly concurrency: ProjectDocument['concurrency'];
};

/** Why the next job of a project does not run, in words. */
export function whyWaiting({ project, concurrency }: Waiting, { running, runners }: Omit<Scene, 'nowMs'>): string {
  const { max_running, group, group_max_running } = concurrency;
  if (runners.length === 0) return 'no runner is there';
  const ofProject = running.filter(({ job }) => job.project === project).length;
  if (max_running !== undefined && ofProject >= max_running) return `the project runs its ${max_running} at once`;
  const ofGroup = running.filter((one) => group !== undefined && one.group === group).length;
  if (group_max_running !== undefined && ofGroup >= group_max_running)
    return `the group ${group} runs its ${group_max_running} at once`;
  const slots = runners.reduce((sum, one) => sum + one.slots, 0);
  return running.length >= slots ? 'every slot is busy' : 'a runner is about to take it';
}

/** What came last: open findings and attempts, newest first. */
export function recent(owner: string | null, { models }: ApiDeps) {
  const page = { owner, project: null, before: newest, limit: most.recent };
  const { findings, patches } = models.query();
  return {
    findings: findings.page({ ...page, state: 'open', kind: null, severity: null, since: 0 }).map(({ doc }) => {
      const { id, project, severity, tool, code, file, line, message, first_seen_at } = JSON.parse(doc) as FindingDoc;
      return { id, project, severity, tool, code, file, line, message: message.slice(0, 300), first_seen_at };
    }),
    patches: patches.page({ ...page, status: null }).map(({ doc }) => {
      const { id, project, status, title, pr_url, branch } = JSON.parse(doc) as PatchDoc;
      return { id, project, status, title, pr_url, branch };
    }),
  };
}

/** The next slot of an expression, computed once a slot: hundreds of schedules cost more than all the rest of an answer. */
export function rememberedSlots(): (times: Times, nowMs: number) => number | null {
  const known = new Map<string, number | null>();
  return (times, nowMs) => {
    const key = `${times.when}\n${times.timezone}`;
    const before = known.get(key);
    if (before === null || (before !== undefined && before > nowMs)) return before;
    if (known.size > 2 * mostSchedules) known.clear();
    const slot = slotAfter(times, nowMs);
    known.set(key, slot);
    return slot;
  };
}

type NextSlot = ReturnType<typeof rememberedSlots>;

/** What is to run next by its time. */
export function nextScheduled(
  owner: string | null,
  { nowMs, nextSlot, most: longest = most.schedules }: { nowMs: number; nextSlot: NextSlot; most?: number },
  deps: ApiDeps,
) {
  const { models, config } = deps;
  const found = models.query().schedules.page({ owner, project: null, after: '', limit: mostSchedules });
  return found
    .filter(({ enabled }) => enabled)
    .flatMap(({ project, recipe, when, timezone }) => {
      const zone = timezone ?? config.digestTimezone;
      const at = nextSlot({ when, timezone: zone }, nowMs);
      const said = { project, recipe: recipe as string, timezone: zone };
      return at === null ? [] : [{ ...said, in_ms: at - nowMs, at: new Date(at).toISOString() }];
    })
    .sort((a, b) => a.in_ms - b.in_ms)
    .slice(0, longest);
}

/** The digest that should have been sent, as far as it is the owner's; null while nothing is late. */
export function lateDigest(owner: string | null, nowMs: number, { models, config }: ApiDeps) {
  if (!config.smtp) return null;
  const projects = everyProject(models.query().projects);
  const overdue = overdueDigest(nowMs, config, projects, models.query().digests);
  const own = new Set(projects.filter((one) => owner === null || one.owner === owner).map(({ name }) => name));
  const late = overdue?.projects.filter((name) => own.has(name)) ?? [];
  return overdue && late.length > 0 ? { date: overdue.date, projects: late.length, reason: overdue.reason } : null;
}

/** Projects that want their forge to hear of them, and for which nothing is sent. */
export function forgeRefused(owner: string | null, { models, config, clock }: ApiDeps) {
  const refused: { project: string; repository: string; reason: string }[] = [];
  for (const project of models.query().projects.page({ owner, after: '', limit: 1_000 })) {
    const refusal = models.query().grants.refusal(project.name);
    if (refusal && refused.length < 20) {
      const { repository, since, used, detail } = refusal;
      const reason = `Since ${since} the credential of the ${used} is not taken, and patches wait until it is: ${detail}`;
      refused.push({ project: project.name, repository, reason });
      continue;
    }
    if (!project.notify.commit_status && !project.notify.auto_patch) continue;
    const grant = grantOf(project, { config, query: models.query, clock });
    if (grant && !grant.granted && refused.length < 20)
      refused.push({ project: project.name, repository: grant.choice.repository ?? '', reason: grant.reason });
  }
  return refused;
}

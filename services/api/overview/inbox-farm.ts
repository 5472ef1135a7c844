import { setImmediate as nextTurn } from 'node:timers/promises';
import { rolledBack } from '../../checkpoints/kept-anchor.ts';
import type { InboxItem } from '../../findings/rules/inbox-order.ts';
import { consumerLags } from '../../io/nats/log/consumer-lag.ts';
import type { Drift } from '../../recipe-sets/rules/drift.ts';
import { missingRoles, type RoleHolder } from '../../roles/role-leases.ts';
import type { Caller } from '../authenticate.ts';
import type { RouteDeps } from '../define.ts';
import type { LiveRunner } from '../live/live-runners.ts';
import { missedSlots } from '../projects/schedule-routes.ts';
import { shownSource, sourcesOf } from '../projects/shown-source.ts';
import { forgeRefused, lateDigest, runningJobs, shownQueue } from '../status/status-facts.ts';

/** What a consumer may be behind before somebody should look, in events. */
const muchBehind = 1_000;
/** A job that waits for less is about to begin. */
const patienceMs = 60_000;
const mostSchedules = 500;

const none = { severity: null, project: null, since: null, entity: null, id: null, count: 1 } as const;

type Scene = { readonly caller: Caller; readonly nowMs: number; readonly runners: readonly LiveRunner[] };

/** Jobs that wait, by project and priority, and why. */
export function waitingItems(
  { caller, nowMs, runners }: Scene,
  names: ReadonlySet<string>,
  deps: RouteDeps,
): InboxItem[] {
  const scene = { running: runningJobs(deps), runners, nowMs };
  return shownQueue(caller.owner, scene, deps)
    .filter(({ project, waiting_ms }) => names.has(project) && waiting_ms > patienceMs)
    .map(({ project, jobs, why, waiting_ms, priority }) => ({
      ...none,
      kind: 'waiting' as const,
      project,
      title: `${jobs} ${priority} ${jobs === 1 ? 'job waits' : 'jobs wait'} in ${project}`,
      reason: why,
      since: new Date(nowMs - waiting_ms).toISOString(),
      entity: 'project' as const,
      id: project,
      count: jobs,
    }));
}

/** Schedules that are counted before others get their turn: the first count of each takes some ms. */
const countedAtOnce = 5;

/** Schedules whose times went by unused. */
export async function missedSchedules({ owner, projects: among }: Caller, deps: RouteDeps): Promise<InboxItem[]> {
  const found = deps.models.query().schedules.page({ owner, among, project: null, after: '', limit: mostSchedules });
  const items: InboxItem[] = [];
  for (const [at, schedule] of found.filter(({ enabled }) => enabled).entries()) {
    if (at % countedAtOnce === countedAtOnce - 1) await nextTurn();
    const { project, recipe, last } = schedule;
    const missed = missedSlots(schedule, deps);
    if (missed === 0) continue;
    const title = `${recipe} of ${project} missed ${missed} of its times`;
    const reason = last
      ? `it ran last at ${last.at}: was the farm, or the scheduler, away?`
      : 'it never ran: is the scheduler there?';
    const since = last?.at ?? schedule.since;
    const entity = { entity: 'project', id: project, count: missed } as const;
    items.push({ ...none, kind: 'schedule', project, title, reason, since, ...entity });
  }
  return items;
}

/** The digest that is late, and forges that hear nothing. */
export function untold(caller: Caller, names: ReadonlySet<string>, nowMs: number, deps: RouteDeps): InboxItem[] {
  const late = caller.projects === null ? lateDigest(caller.owner, nowMs, deps) : null;
  const digest: InboxItem[] = late
    ? [
        {
          ...none,
          kind: 'digest',
          title: `the digest of ${late.date} is late`,
          reason: late.reason,
          since: `${late.date}T00:00:00.000Z`,
          entity: 'digest',
          id: late.date,
          count: late.projects,
        },
      ]
    : [];
  const refused = forgeRefused(caller.owner, deps)
    .filter(({ project }) => names.has(project))
    .map(
      ({ project, repository, reason }): InboxItem => ({
        ...none,
        kind: 'forge',
        project,
        title: `the forge hears nothing of ${repository || project}`,
        reason,
        entity: 'project',
        id: project,
      }),
    );
  return [...digest, ...refused];
}

const sourceTitles: Readonly<Partial<Record<Drift, string>>> = {
  waits_for_a_person: 'a new version of the recipe set {} waits for a decision',
  refused: 'the newest documents of the recipe set {} cannot be taken',
  unreadable: 'the recipe source {} cannot be read',
};

/** Recipe sets with which nothing goes on by itself, for those who may change them. */
export async function stuckSources(caller: Caller, deps: RouteDeps): Promise<InboxItem[]> {
  const own = sourcesOf(caller, deps).filter(({ owner }) => owner !== null || caller.isAdmin);
  const items: InboxItem[] = [];
  for (const source of own) {
    const { drift, waits, id, seen } = await shownSource(source, caller, deps);
    const title = sourceTitles[drift]?.replace('{}', id);
    if (title === undefined) continue;
    const reason = `${waits ?? ''}: crafting-table recipes show ${id}`;
    items.push({ ...none, kind: 'recipes', title, reason, since: seen?.since ?? null });
  }
  return items;
}

/** What ails the farm itself; for admins. */
export async function sickParts(
  { nowMs, runners }: Scene,
  living: readonly RoleHolder[],
  deps: RouteDeps,
): Promise<InboxItem[]> {
  const { models, nats } = deps;
  const { stopped } = models.status();
  const lags = await consumerLags(nats).catch(() => []);
  const item = (kind: 'consumer' | 'runner', title: string, reason: string, count = 1): InboxItem => ({
    ...none,
    kind,
    title,
    reason,
    count,
  });
  const queued = models.query().jobs.activeOf(null).queued;
  const shortage = deps.disk?.shortage() ?? null;
  const missing = living.length === 0 ? [] : missingRoles(living);
  const lost = await rolledBack({ log: deps.log, dataDir: deps.config.dataDir }).catch(() => null);
  return [
    ...(lost === null ? [] : [item('consumer', 'the log is not the one that was vouched for', lost)]),
    ...(stopped === null ? [] : [item('consumer', 'the read models stand still', stopped)]),
    ...(shortage === null ? [] : [item('runner', 'no new work is taken', shortage)]),
    ...(missing.length === 0
      ? []
      : [
          item(
            'runner',
            `no living process has the role ${missing.join(', ')}`,
            'start one: crafting-table up --roles',
            missing.length,
          ),
        ]),
    ...(runners.length === 0 && queued > 0
      ? [item('runner', 'no runner is there', `${queued} jobs wait for one: crafting-table up --roles runner`, queued)]
      : []),
    ...lags
      .filter(({ behind }) => behind > muchBehind)
      .map(({ name, behind, in_flight }) =>
        item(
          'consumer',
          `the ${name} is ${behind} events behind`,
          `it works on ${in_flight} of them as of ${new Date(nowMs).toISOString()}`,
          behind,
        ),
      ),
  ];
}

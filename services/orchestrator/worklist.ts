import { backoffMs } from '../../events/backoff.ts';
import type { EffectOf } from '../define.ts';
import { isAppError, messageOf } from '../floor/app-error.ts';
import { chooseForge } from '../floor/forges/choose-forge.ts';
import { advanceWork } from './advance-work.ts';
import { lookAtIssue } from './issues/look-at-issue.ts';
import { orchestrated } from './issues/who-may.ts';
import { collectReviews } from './turns/collect-reviews.ts';
import type { WorkDeps } from './work-deps.ts';

/** What wants to be looked at again, and when: works that wait, and repositories whose forge tells of nothing, or could not be asked. */
export type Worklist = {
  advance(id: string, effect: EffectOf): Promise<void>;
  /** The projects with agents whose repository this is. */
  projectsOf(repository: string): string[];
  /** A forge could not be asked about a repository: everything that changed there is looked at once it can be. */
  lookSoon(repository: string, error: unknown): void;
  /** Takes what is due; called often. */
  tick(): Promise<void>;
};

/** Issues that changed before the farm looked the first time: as far back as commands are followed. */
const backMs = 7 * 86_400_000;
/** Clocks differ, and a forge may list a change late. */
const overlapMs = 120_000;
const longestWaitMs = 300_000;
const pauses = { firstMs: 15_000, longestMs: longestWaitMs };

type Seen = { since: number; nextAt: number; failures: number; marks: ReadonlyMap<number, string> };

export function openWorklist(deps: WorkDeps): Worklist {
  const due = new Map<string, number>();
  const repositories = new Map<string, Seen>();
  const { clock, models } = deps;
  const everyMs = deps.config.orchestrator.pollSecs * 1000;
  let first = true;

  const ownEffect =
    (id: string): EffectOf =>
    (ordinal) => ({ eventId: id, correlationId: id, consumer: 'orchestrator', ordinal });
  const advance = async (id: string, effect: EffectOf) => {
    due.delete(id);
    const wait = await advanceWork(id, { effect, deps });
    if (wait !== null) due.set(id, clock.now() + wait);
  };
  const names = (): string[] => models.query().projects.withAgents();
  const repositoryOf = (name: string): string | null => {
    const project = models.query().projects.find(name);
    return project ? (chooseForge(project.git_url, deps.config.patcher.forge).repository?.toLowerCase() ?? null) : null;
  };
  const projectsOf = (repository: string) => {
    const wanted = repository.toLowerCase();
    // Two projects of one repository would both answer: the first by its name does.
    return names()
      .filter((name) => repositoryOf(name) === wanted)
      .sort()
      .slice(0, 1);
  };
  const seenOf = (repository: string): Seen => {
    const known = repositories.get(repository);
    if (known) return known;
    const fresh = { since: clock.now() - backMs, nextAt: clock.now(), failures: 0, marks: new Map<number, string>() };
    repositories.set(repository, fresh);
    return fresh;
  };

  /** Everything that changed in one repository, and every pull request that people look at. */
  const look = async (name: string): Promise<void> => {
    const here = orchestrated(name, deps);
    const repository = repositoryOf(name);
    if (here === null || repository === null) return;
    const seen = seenOf(repository);
    const began = clock.now();
    const changed = await here.talk.changedIssues(new Date(seen.since).toISOString());
    const marks = new Map(
      changed.map((issue) => [issue.number, `${issue.updatedAt} ${issue.state} ${issue.labels.join()}`]),
    );
    for (const issue of changed) {
      if (seen.marks.get(issue.number) === marks.get(issue.number)) continue;
      const found = await lookAtIssue(name, issue.number, { effect: ownEffect(`${name}-${issue.number}`), deps });
      if (found) await advance(found.id, ownEffect(found.id));
    }
    Object.assign(seen, { since: began - overlapMs, marks, failures: 0 });
    for (const { id, project, pull } of models.query().works.live()) {
      if (project !== name || pull === null) continue;
      await collectReviews(id, { effect: ownEffect(id), deps });
      await advance(id, ownEffect(id));
    }
  };
  const later = (repository: string, error: unknown): void => {
    const seen = seenOf(repository.toLowerCase());
    seen.failures += 1;
    const asked = isAppError(error, 'rate_limited') ? (error.retryAfterSecs ?? 60) * 1000 : 0;
    const wait = Math.max(asked, backoffMs(seen.failures, pauses));
    seen.nextAt = clock.now() + wait;
    deps.logger.warn(
      { repository, code: 'forge_waits', error: messageOf(error) },
      'issues of a repository are looked at later',
    );
  };

  return {
    advance,
    projectsOf,
    lookSoon: later,
    tick: async () => {
      const now = clock.now();
      // After a start, whatever was cut off goes on.
      const open = first
        ? models
            .query()
            .works.live()
            .map(({ id }) => id)
        : [];
      first = false;
      for (const id of new Set([...open, ...[...due].flatMap(([id, at]) => (at <= now ? [id] : []))]))
        await advance(id, ownEffect(id));
      for (const name of names()) {
        const repository = repositoryOf(name);
        if (repository === null || projectsOf(repository)[0] !== name) continue;
        const seen = repositories.get(repository) ?? (everyMs > 0 ? seenOf(repository) : null);
        // Without polling, only a forge that could not be asked is asked again.
        if (seen === null || seen.nextAt > now || (everyMs === 0 && seen.failures === 0)) continue;
        seen.nextAt = now + (everyMs || longestWaitMs);
        await look(name).catch((error: unknown) => {
          if (!isAppError(error)) throw error;
          later(repository, error);
        });
      }
    },
  };
}

import type { Draft } from '../../../events/registry.ts';
import type { DigestQueries } from '../../../projections/digests/digest-queries.ts';
import type { DigestDueDoc, DigestMailDoc } from '../../../projections/digests/digest-rows.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { type DigestTimes, type DueDate, lastDueDate } from './digest-dates.ts';

const dayMs = 86_400_000;
/** A digest that is so late is noticed. */
const overdueAfterMs = 30 * 60_000;

type Projects = { page(asked: { owner: null; after: string; limit: number }): ProjectDoc[] };

/** Every project, read page by page. */
export function everyProject(projects: Projects): ProjectDoc[] {
  const found: ProjectDoc[] = [];
  for (let after = ''; ; ) {
    const page = projects.page({ owner: null, after, limit: 500 });
    found.push(...page);
    const last = page.at(-1);
    if (!last || page.length < 500) return found;
    after = last.name;
  }
}

/** Projects of which somebody is told; one that nobody is told of is left out in silence. */
export function toldProjects(projects: readonly ProjectDoc[]): ProjectDoc[] {
  return projects.filter(({ enabled, notify }) => enabled && notify.email_count > 0);
}

/**
 * The DigestDue events that a date still lacks. A project that changed after the date was due waits for the next one: it
 * was not there yet, or nobody was to be told. `now`: somebody asks for what is due at this moment, project by project.
 */
export function missingDues(
  { date, dueMs }: DueDate,
  projects: readonly ProjectDoc[],
  toSeq: number,
  digests: DigestQueries,
  { now = false }: { now?: boolean } = {},
): Draft<'DigestDue'>[] {
  const there = digests.due(date);
  const known = new Set(there.map(({ project }) => project));
  const beganMs = there.length > 0 ? Math.max(...there.map(({ time }) => Date.parse(time))) : dueMs;
  return toldProjects(projects)
    .filter(({ name, updated_at }) => !known.has(name) && (now || Date.parse(updated_at) <= beganMs))
    .map(({ name }) => {
      const from = digests.lastDue(name)?.to_seq ?? digests.seqBefore(new Date(dueMs - dayMs).toISOString());
      const to_seq = now ? toSeq : (there[0]?.to_seq ?? toSeq);
      return {
        type: 'DigestDue',
        id: `${date}.${name}`,
        data: { date, project: name, from_seq: Math.min(from, to_seq), to_seq },
      };
    });
}

/** Whether nothing more happens to a project's digest by itself, and it was not refused. */
export function isSettled({ project, skipped }: DigestDueDoc, mails: readonly DigestMailDoc[]): boolean {
  const own = mails.filter(({ projects }) => projects.includes(project));
  return skipped !== null || (own.length > 0 && own.every(({ status }) => status === 'sent'));
}

type Overdue = { readonly date: string; readonly projects: readonly string[]; readonly reason: string };

/** The digest that should have been sent half an hour ago and was not, or null. */
export function overdueDigest(
  nowMs: number,
  times: DigestTimes,
  projects: readonly ProjectDoc[],
  digests: DigestQueries,
): Overdue | null {
  const due = lastDueDate(nowMs - overdueAfterMs, times);
  const mails = digests.mails(due.date);
  const waiting = digests.due(due.date).filter((one) => !isSettled(one, mails));
  const never = missingDues(due, projects, 0, digests).map(({ data }) => data.project);
  const late = [...waiting.map(({ project }) => project), ...never].sort();
  if (late.length === 0) return null;
  const failure = mails.find(({ status, reason }) => status === 'failed' && reason !== null)?.reason;
  const handedOver = mails.some(({ status }) => status === 'sending');
  const reason = failure ?? (handedOver ? 'the relay has not answered yet' : 'no digester has taken it up');
  return { date: due.date, projects: late.slice(0, 1024), reason: reason.slice(0, 512) };
}

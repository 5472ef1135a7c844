import { type EventName, events, type Recorded } from '../events/registry.ts';

/** What is known of a job when its log was read. `ended` is null when that came before it. */
export type JobFacts = {
  readonly recipe: string;
  readonly ended: 'succeeded' | 'failed' | 'cancelled' | null;
  /** Jobs of the patch loop prove a draft: they say nothing about the project. */
  readonly trial: boolean;
};

type Facts = { readonly event: Recorded; readonly job: JobFacts | undefined };

const endOf =
  (recipe: string, end: JobFacts['ended']) =>
  ({ job }: Facts): boolean =>
    job?.recipe === recipe && job.ended === end;

const found =
  (says: (found: Recorded<'FindingsParsed'>['data']) => boolean) =>
  ({ event }: Facts): boolean =>
    event.type === 'FindingsParsed' && says(event.data);

/** The words of the project document: what must hold when all of a job's log was read. */
const ofJobs: Readonly<Record<string, (facts: Facts) => boolean>> = {
  audit_pass: endOf('audit', 'succeeded'),
  audit_fail: endOf('audit', 'failed'),
  test_fail: endOf('test', 'failed'),
  lint_warn: (facts) => facts.job?.recipe === 'lint' && found(({ by_severity }) => (by_severity.warn ?? 0) > 0)(facts),
  cve_found: found(({ by_kind }) => (by_kind.cve ?? 0) > 0),
  nightly_summary: ({ job }) => job !== undefined && job.ended !== null,
};

/** Notices are not told of by notices: one that fails would bring the next. With a project its webhooks end. */
const isOfProject = (name: EventName): boolean =>
  events[name].entity !== 'notice' &&
  name !== 'ProjectRemoved' &&
  (events[name].entity === 'project' || 'project' in events[name].data.properties);

/** Every event that belongs to a project. */
export const projectEvents: readonly EventName[] = (Object.keys(events) as EventName[]).filter(isOfProject);

/** Everything that may stand in `on` of a webhook. */
export const noticeWords: readonly string[] = [
  ...Object.keys(ofJobs),
  'patch_drafted',
  'DigestOverdue',
  ...projectEvents,
];

/** Whether a webhook that listens for these words is told of an event. That a digest is late is told to all of them. */
export function matches(on: readonly string[], event: Recorded, job: JobFacts | undefined): boolean {
  if (event.type === 'DigestOverdue' || on.includes(event.type)) return true;
  if (event.type === 'PatchDrafted') return on.includes('patch_drafted');
  if (event.type !== 'FindingsParsed' || (event.data.reading ?? 1) > 1 || job?.trial) return false;
  return on.some((word) => Object.hasOwn(ofJobs, word) && ofJobs[word]?.({ event, job }));
}

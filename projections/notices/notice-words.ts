import { type EventName, events, type Recorded } from '../../events/registry.ts';
import type { JobNews } from './notice-news.ts';

/** What is known of a job when its log was read. `ended` is null when that came before it. */
export type JobFacts = {
  readonly recipe: string;
  readonly ended: 'succeeded' | 'failed' | 'cancelled' | null;
  /** Jobs of the patch loop prove a draft: they say nothing about the project. */
  readonly trial: boolean;
  readonly news: JobNews | null;
};

type Facts = { readonly event: Recorded; readonly job: JobFacts | undefined };

/** A job of the recipe has something to tell that is not well, or is well again. */
const tells =
  (recipe: string, says: (news: JobNews) => boolean = () => true) =>
  ({ job }: Facts): boolean =>
    job?.recipe === recipe && job.news !== null && says(job.news);

const isBad =
  (recipe: string) =>
  (facts: Facts): boolean =>
    tells(recipe, (news) => news === 'failed' || news === 'recovered' || facts.job?.ended === 'failed')(facts);

/** The words of the project document: what must hold when all of a job's log was read. Nothing is told twice. */
const ofJobs: Readonly<Record<string, (facts: Facts) => boolean>> = {
  audit_pass: ({ job }) => job?.recipe === 'audit' && job.ended === 'succeeded',
  audit_fail: isBad('audit'),
  test_fail: isBad('test'),
  lint_warn: tells('lint', (news) => news !== 'trouble_over'),
  cve_found: ({ event, job }) =>
    job?.news === 'news' && event.type === 'FindingsParsed' && (event.data.by_kind.cve ?? 0) > 0,
  news: ({ job }) => job !== undefined && job.news !== null,
  nightly_summary: ({ job }) => job !== undefined && job.ended !== null,
};

/** What is around the jobs is told to whoever wants to know of any that goes wrong. */
const troubled = ['audit_fail', 'test_fail', 'lint_warn', 'cve_found', 'news'];

/** Events of findings: people are told of them by one message of the job. */
const ofFindings: readonly string[] = [
  'FindingDetected',
  'FindingReopened',
  'FindingResolved',
  'FindingUnwatched',
  'FindingsObserved',
  'FindingsParsed',
];

/** What people want to know who want to know of patches: what was drafted, what waits for them, and what stands still. */
const ofPatches: ReadonlySet<string> = new Set([
  'PatchDrafted',
  'PatchApprovalRequested',
  'ForgeCredentialRefused',
  'ForgeCredentialAccepted',
]);

/** Notices are not told of by notices: one that fails would bring the next. With a project its webhooks end. */
const isOfProject = (name: EventName): boolean =>
  events[name].entity !== 'notice' &&
  name !== 'ProjectRemoved' &&
  (events[name].entity === 'project' || 'project' in events[name].data.properties);

/** Every event that belongs to a project. */
export const projectEvents: readonly EventName[] = (Object.keys(events) as EventName[]).filter(isOfProject);

/** What concerns all projects of the farm: every webhook is told. */
export const farmEvents = ['DigestOverdue', 'FarmTroubled', 'FarmRecovered'] as const;
const toAll: ReadonlySet<string> = new Set(farmEvents);

/** Everything that may stand in `on` of a webhook. */
export const noticeWords: readonly string[] = [
  ...Object.keys(ofJobs),
  'patch_drafted',
  ...farmEvents,
  ...projectEvents,
];

type Listener = { readonly on: readonly string[]; readonly chat: boolean };

/** Whether a webhook that listens for these words is told of an event. What concerns the farm is told to all of them. */
export function matches({ on, chat }: Listener, event: Recorded, job: JobFacts | undefined): boolean {
  const isFolded = chat && ofFindings.includes(event.type);
  if (toAll.has(event.type) || (on.includes(event.type) && !isFolded)) return true;
  if (ofPatches.has(event.type)) return on.includes('patch_drafted');
  if (event.type === 'RepositoryRecipesRefused') return on.some((word) => troubled.includes(word));
  if (event.type !== 'FindingsParsed' || (event.data.reading ?? 1) > 1 || job?.trial) return false;
  const wantsFindings = chat && on.some((word) => ofFindings.includes(word));
  const words = wantsFindings ? [...on, 'news'] : on;
  if (job?.news === 'trouble' || job?.news === 'trouble_over')
    if (words.some((word) => troubled.includes(word))) return true;
  return words.some((word) => Object.hasOwn(ofJobs, word) && ofJobs[word]?.({ event, job }));
}

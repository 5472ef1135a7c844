import type { Occurrence } from '../../events/finding.ts';
import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import type { Draft } from '../../events/registry.ts';
import type { EffectOf } from '../define.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Comparison, Detected } from './rules/compare-findings.ts';
import { identityVersion } from './rules/identify-findings.ts';

/** Occurrences in one event: an event must stay under the size of a message. */
const perEvent = 500;
const bytesPerEvent = 400_000;
/** Under which name the farm suppresses and takes back what it suppressed. */
export const ownName = 'crafting-table';

/** How long a flaky test is set aside. */
const setAsideMs = 14 * 24 * 3_600_000;

/** One reading of one job's log: what is appended because of it, and in whose name. */
export type Reading = {
  readonly job: JobEnqueuedData;
  readonly runSeq: number;
  readonly onDefaultBranch: boolean;
  readonly number: number;
  /** When the job ended, ISO 8601. */
  readonly endedAt: string;
  readonly effect: EffectOf;
  readonly log: EventLog;
};

/** Appends what changed in the project; answers the ids of findings that were detected. */
export async function appendChanges(comparison: Comparison, reading: Reading): Promise<Map<string, number>> {
  const { job, runSeq, endedAt, effect, log } = reading;
  const { project, job_id, branch, subproject, recipe } = job;
  const place = { project, job_id, branch, run_seq: runSeq };
  const ids = new Map<string, number>();
  const detect = async ({ observation, identity, why, opens }: Detected) => {
    const data = {
      ...place,
      identity,
      identity_version: identityVersion,
      why_identity: why,
      subproject,
      recipe,
      on_default_branch: opens,
      ...(comparison.baseline.has(identity) ? { baseline: true } : {}),
      finding: observation,
    };
    ids.set(
      identity,
      await appendFact(log, { type: 'FindingDetected', id: identity, data }, effect(`detected ${identity}`)),
    );
  };
  const standing = (identity: string) => ({
    ...(comparison.first.has(identity) ? { first: true } : {}),
    ...(comparison.baseline.has(identity) ? { baseline: true } : {}),
    ...(comparison.quiet.has(identity) ? { set_aside: true } : {}),
  });
  await Promise.all(comparison.detected.map(detect));
  await Promise.all([
    ...comparison.reopened.map((identity) =>
      appendFact(
        log,
        { type: 'FindingReopened', id: identity, data: { ...place, identity, ...standing(identity) } },
        effect(`reopened ${identity}`),
      ),
    ),
    ...comparison.unsuppressed.map((identity) => {
      const isBack = comparison.news.has(identity);
      const reason = isBack ? 'it failed in two runs one after the other' : 'the suppression has expired';
      const data = { identity, project, by: ownName, reason };
      return appendFact(log, { type: 'FindingUnsuppressed', id: identity, data }, effect(`unsuppressed ${identity}`));
    }),
  ]);
  await Promise.all(
    comparison.resolved.map((identity) => {
      const data = {
        ...place,
        identity,
        reason: `a complete run of the ${recipe} recipe no longer shows it`,
      };
      return appendFact(log, { type: 'FindingResolved', id: identity, data }, effect(`resolved ${identity}`));
    }),
  );
  await Promise.all(
    comparison.flaky.map((identity) => {
      const until = new Date(Date.parse(endedAt) + setAsideMs).toISOString();
      const reason = 'flaky: it failed and passed on one commit; two failing runs one after the other end this';
      const data = { identity, project, by: ownName, reason, until };
      return appendFact(log, { type: 'FindingSuppressed', id: identity, data }, effect(`set aside ${identity}`));
    }),
  );
  return ids;
}

/** What was seen; `newest` when no run on a newer commit saw it too. */
export type Sighting = { readonly occurrence: Occurrence; readonly newest: boolean };

/** Appends what was seen, in parts that fit into a message. */
export async function appendOccurrences(
  sightings: readonly Sighting[],
  { job, runSeq, onDefaultBranch, number, effect, log }: Reading,
): Promise<void> {
  const { job_id, project } = job;
  const parts = inParts(sightings);
  const append = ({ newest, occurrences }: Part, index: number) => {
    const which = {
      reading: number,
      run_seq: runSeq,
      on_default_branch: onDefaultBranch,
      newest,
      part: index + 1,
      parts: parts.length,
    };
    const draft = {
      type: 'FindingsObserved' as const,
      id: job_id,
      data: { job_id, project, ...which, occurrences },
    };
    // The parts of a job share a subject: their ids protect them, and the read model takes each part once.
    return log.append(draft, { cause: effect(`observed ${index + 1}`) });
  };
  await Promise.all(parts.map(append));
}

type Part = { readonly newest: boolean; readonly occurrences: Occurrence[] };

/** In the order in which they were seen. */
function inParts(sightings: readonly Sighting[]): Part[] {
  const parts: Part[] = [];
  let bytes = 0;
  for (const { occurrence, newest } of sightings) {
    const size = Buffer.byteLength(JSON.stringify(occurrence));
    const last = parts.at(-1);
    if (last?.newest !== newest || last.occurrences.length >= perEvent || bytes + size > bytesPerEvent) {
      parts.push({ newest, occurrences: [occurrence] });
      bytes = size;
    } else {
      last.occurrences.push(occurrence);
      bytes += size;
    }
  }
  return parts;
}

/**
 * Appends a fact under the sequence that its subject is known to have: a redelivered cause finds the fact that is there,
 * and of two that read the same log at once one wins. Answers the fact's sequence.
 */
export async function appendFact(
  log: EventLog,
  draft: Draft,
  cause: ReturnType<EffectOf>,
  expect = 0,
): Promise<number> {
  const fact = await appendOnce(log, draft, { cause, expect });
  if (fact.outcome === 'appended') return fact.seq;
  if (fact.event.causationId === cause.eventId || readingOf(fact.event) > readingOf(draft)) return fact.seq;
  return appendFact(log, draft, cause, fact.seq);
}

/** A job's log may have been read again meanwhile: an older reading does not replace a newer one. */
function readingOf({ type, data }: Pick<Draft, 'type' | 'data'>): number {
  const once = type === 'FindingsParsed' || type === 'CoverageMeasured' || type === 'TestsMeasured';
  return once && 'reading' in data ? (data.reading ?? 1) : 0;
}

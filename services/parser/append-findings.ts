import type { Occurrence } from '../../events/finding.ts';
import type { Draft, Recorded } from '../../events/registry.ts';
import type { ParsedLog } from '../../parsers/read-log.ts';
import { isAppError } from '../app-error.ts';
import type { Comparison } from '../decisions/compare-findings.ts';
import { type Identified, identityVersion } from '../decisions/identify-findings.ts';
import type { EffectOf } from '../define.ts';
import type { EventLog } from '../io/event-log.ts';

/** Occurrences in one event: an event must stay under the size of a message. */
const perEvent = 500;
const bytesPerEvent = 400_000;

type Changes = { event: Recorded<'RecipeExited'>; enqueued: Recorded<'JobEnqueued'>; comparison: Comparison };

/** Appends what changed in the project; answers the ids of findings that were detected. */
export async function appendChanges(
  { event, enqueued, comparison }: Changes,
  effect: EffectOf,
  log: EventLog,
): Promise<Map<string, number>> {
  const { job_id, project } = event.data;
  const { branch, subproject, recipe, snapshot } = enqueued.data;
  const place = { project, job_id, branch };
  const ids = new Map<string, number>();
  const detected = ({ observation, identity }: Identified): Draft<'FindingDetected'> => ({
    type: 'FindingDetected',
    id: identity,
    data: {
      ...place,
      identity,
      identity_version: identityVersion,
      subproject,
      recipe,
      on_default_branch: branch === snapshot.default_branch,
      finding: observation,
    },
  });
  await Promise.all([
    ...comparison.detected.map(async (one) => {
      ids.set(one.identity, await appendOnce(log, detected(one), effect(`detected ${one.identity}`)));
    }),
    ...comparison.reopened.map((identity) =>
      appendOnce(
        log,
        { type: 'FindingReopened', id: identity, data: { ...place, identity } },
        effect(`reopened ${identity}`),
      ),
    ),
    ...comparison.resolved.map((identity) =>
      appendOnce(
        log,
        {
          type: 'FindingResolved',
          id: identity,
          data: { ...place, identity, reason: `a complete run of the ${recipe} recipe no longer shows it` },
        },
        effect(`resolved ${identity}`),
      ),
    ),
  ]);
  return ids;
}

export async function appendOccurrences(
  { event, occurrences }: { event: Recorded<'RecipeExited'>; occurrences: Occurrence[] },
  effect: EffectOf,
  log: EventLog,
): Promise<void> {
  const { job_id, project } = event.data;
  const parts = inParts(occurrences);
  await Promise.all(
    parts.map((part, index) =>
      appendOnce(
        log,
        {
          type: 'FindingsObserved',
          id: job_id,
          data: { job_id, project, part: index + 1, parts: parts.length, occurrences: part },
        },
        effect(`observed ${index + 1}`),
        null,
      ),
    ),
  );
}

/** Parts of at most 500 occurrences that fit into a message. */
function inParts(occurrences: readonly Occurrence[]): Occurrence[][] {
  const parts: Occurrence[][] = [];
  let bytes = 0;
  for (const occurrence of occurrences) {
    const size = JSON.stringify(occurrence).length * 2;
    const last = parts.at(-1);
    if (!last || last.length >= perEvent || bytes + size > bytesPerEvent * 2) {
      parts.push([occurrence]);
      bytes = size;
    } else {
      last.push(occurrence);
      bytes += size;
    }
  }
  return parts;
}

/**
 * Appends a fact that there is once; a redelivered cause finds the one that is there. `expect` null: the id alone
 * protects (parts of one job share a subject). Answers the fact's sequence.
 */
export async function appendOnce(
  log: EventLog,
  draft: Draft,
  cause: ReturnType<EffectOf>,
  expect: number | null = 0,
): Promise<number> {
  try {
    return (await log.append(draft, { cause, ...(expect === null ? {} : { expect }) })).seq;
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
    const last = await log.last(draft.type, draft.id);
    if (last === null) throw error;
    if (last.causationId === cause.eventId || draft.type === 'FindingsParsed') return last.seq;
    return appendOnce(log, draft, cause, last.seq);
  }
}

/** The job's last word: all of its log has been read. */
export function finished(
  { data: { job_id, project } }: Recorded<'RecipeExited'>,
  { parsed, occurrences, comparison }: { parsed: ParsedLog; occurrences: Occurrence[]; comparison: Comparison },
): Draft<'FindingsParsed'> {
  const tally = (words: readonly string[]) =>
    words.reduce<Record<string, number>>((sums, word) => ({ ...sums, [word]: (sums[word] ?? 0) + 1 }), {});
  return {
    type: 'FindingsParsed',
    id: job_id,
    data: {
      job_id,
      project,
      total: occurrences.length,
      new: new Set(comparison.detected.map(({ identity }) => identity)).size,
      resolved: comparison.resolved.length,
      by_kind: tally(occurrences.map(({ kind }) => kind)),
      by_severity: tally(occurrences.map(({ severity }) => severity)),
      tools: parsed.tools.slice(0, 64),
      not_observed: comparison.notObserved,
    },
  };
}

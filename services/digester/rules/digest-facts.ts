import { recipeNames } from '../../../events/fields.ts';
import type {
  ChangedFindings,
  DigestQueries,
  LeftFindings,
  PastRun,
} from '../../../projections/digests/digest-queries.ts';
import type { DigestDueDoc, DigestJob, DigestPatch, DigestSettings } from '../../../projections/digests/digest-rows.ts';
import { timesOf } from '../../scheduler/rules/schedule-words.ts';
import { slotsBetween } from '../../scheduler/rules/slots-between.ts';
import { topicsOf } from './digest-words.ts';

/** What a digest of one project is about: everything between two sequences, and the times that they stand for. */
export type DigestSpan = {
  readonly project: string;
  readonly from_seq: number;
  readonly to_seq: number;
  /** ISO times. */
  readonly from_time: string;
  readonly to_time: string;
};

/** Slots of a recipe that nobody used. */
export type UnusedSlots = { readonly recipe: string; readonly count: number; readonly last: string | null };

/** All that a section of a digest says, as the log has it. */
export type ProjectFacts = {
  readonly project: string;
  /** What people call it, where that is another name. */
  readonly called?: string | undefined;
  readonly removed: boolean;
  readonly on: readonly string[];
  readonly jobs: readonly DigestJob[];
  readonly changed: ChangedFindings;
  readonly left: readonly LeftFindings[];
  readonly patches: readonly DigestPatch[];
  readonly openPulls: readonly DigestPatch[];
  readonly unused: readonly UnusedSlots[];
  /** The newest runs of a recipe, oldest first. */
  readonly trendOf: (subproject: string, recipe: string) => readonly PastRun[];
};

/** Findings listed in one block at most; the rest is counted. */
export const mostListed = 12;
const mostRuns = 12;
const mostSlots = 1_500;
/** A slot may be used so much later than its time without being missed, beside its jitter. */
const graceMs = 10 * 60_000;
const dayMs = 86_400_000;
const nothing: ChangedFindings = { tallies: [], opened: [], closed: [] };

/** Gathers what happened to a project. Equal spans give equal facts for ever; those of a removed project are empty. */
export function factsOf(span: DigestSpan, digests: DigestQueries, usualZone: string): ProjectFacts {
  const { project, to_seq } = span;
  const settings = digests.settings(project, to_seq);
  const removed = digests.removedAfter(project, to_seq) || settings === null;
  const on = settings?.on ?? [];
  const jobs = removed ? [] : digests.jobs(project, span);
  return {
    project,
    called: settings?.called,
    removed,
    on,
    jobs,
    changed: removed ? nothing : digests.changed(project, jobs, span, topicsOf(on), mostListed),
    left: removed ? [] : digests.left(project, span),
    patches: removed ? [] : digests.patches(project, span),
    openPulls: removed ? [] : digests.openPulls(project, to_seq),
    unused: removed ? [] : unusedSlots(span, settings, digests, usualZone),
    trendOf: (subproject, recipe) => digests.pastRuns(project, subproject, recipe, to_seq, mostRuns),
  };
}

/** The span of a digest that is due: its times are those of its event and of the one before it. */
export function spanOf(due: DigestDueDoc, digests: DigestQueries): DigestSpan {
  const before = digests.dueBefore(due.project, due.seq);
  const dayBefore = new Date(Date.parse(due.time) - dayMs).toISOString();
  return { ...due, from_time: before?.time ?? dayBefore, to_time: due.time };
}

function unusedSlots(
  span: DigestSpan,
  { schedule, time, enabled }: DigestSettings,
  digests: DigestQueries,
  usualZone: string,
): UnusedSlots[] {
  const told = digests.missed(span.project, span);
  const jitterMs = (schedule.jitter_secs ?? 60) * 1000;
  const end = Date.parse(span.to_time) - jitterMs - graceMs;
  const start = Math.max(Date.parse(span.from_time) - jitterMs - graceMs, Date.parse(time), end - 7 * dayMs);
  const asked = enabled ? recipeNames.filter((recipe) => !schedule.disabled?.includes(recipe)) : [];
  const used = digests.slots(span.project, new Date(start).toISOString(), new Date(end).toISOString(), span.to_seq);
  return recipeNames.flatMap((recipe) => {
    const times = asked.includes(recipe) ? timesOf(schedule, recipe, usualZone) : null;
    const taken = new Set(used.filter((one) => one.recipe === recipe).map(({ slot }) => Date.parse(slot)));
    const due = times && end > start ? slotsBetween(times, start, end, mostSlots) : [];
    const free = due.filter((slot) => !taken.has(slot));
    const count = Math.max(free.length, ...told.filter((one) => one.recipe === recipe).map(({ missed }) => missed));
    const last = free.at(-1);
    return count > 0 ? [{ recipe, count, last: last === undefined ? null : new Date(last).toISOString() }] : [];
  });
}

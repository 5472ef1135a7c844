import { percentOf } from '../../../events/jobs/measured.ts';
import type { PastRun } from '../../../projections/digests/digest-queries.ts';
import type { DigestJob } from '../../../projections/digests/digest-rows.ts';
import { pagePath } from '../../floor/page-paths.ts';
import type { UnusedSlots } from './digest-facts.ts';
import type { Line } from './digest-line.ts';
import { counted, durationWords, plainWords, sparkline } from './digest-plain-words.ts';

type TrendOf = (subproject: string, recipe: string) => readonly PastRun[];

/**
 * Jobs by subproject, recipe and branch: how they ended, how long they took, and where the recipe is heading. The first `most`
 * lines, those that failed before the others, and how many there are in all.
 */
export function jobLines(jobs: readonly DigestJob[], trendOf: TrendOf, most: number): { lines: Line[]; count: number } {
  const groups = Map.groupBy(jobs, placeOf);
  const order = ['alarm', 'warn', 'good', 'plain'];
  const placed = [...groups.values()]
    .map((runs) => ({ runs, last: runs.at(-1) as DigestJob, place: order.indexOf(toneOf(runs)) }))
    .sort((a, b) => a.place - b.place || (nameOf(a.last) < nameOf(b.last) ? -1 : 1));
  return { lines: placed.slice(0, most).map(({ runs }) => groupLine(runs, trendOf)), count: placed.length };
}

function toneOf(runs: readonly DigestJob[]): Line['tone'] {
  if (runs.at(-1)?.outcome === 'failed') return 'alarm';
  return runs.some(({ outcome }) => outcome === 'failed') ? 'warn' : 'plain';
}

function groupLine(runs: readonly DigestJob[], trendOf: TrendOf): Line {
  const last = runs.at(-1) as DigestJob;
  const { job_id, subproject, recipe, branch, on_default, duration_ms, findings } = last;
  const first = runs.reduce((sum, { baseline = 0 }) => sum + baseline, 0);
  const ends = (['passed', 'failed', 'cancelled'] as const).flatMap((end) => {
    const count = runs.filter(({ outcome }) => outcome === end).length;
    return count > 0 ? [`${count} ${end}`] : [];
  });
  const before = first > 0 ? ` (${first.toLocaleString('en')} known since the first look)` : '';
  const past = on_default === 1 ? trendOf(subproject, recipe) : [];
  const covered = last.uncovered ?? coverageMoved(last, past, runs[0]?.seq ?? last.seq);
  const found = findings > 0 ? `, ${counted(findings, 'finding')}${before}` : '';
  return {
    tone: toneOf(runs),
    label: nameOf(last),
    text: `${ends.join(', ')} — took ${durationWords(duration_ms)}${found}${covered ? `, ${plainWords(covered, 200)}` : ''}`,
    detail: on_default === 1 ? trendWords(past) : `on branch ${plainWords(branch, 60)}`,
    url: null,
    path: pagePath.job(job_id),
  };
}

/** `coverage 81.2 % (-0.4)`, against the last run before these, or the first of them; null where it did not move. */
function coverageMoved({ coverage }: DigestJob, past: readonly PastRun[], first: number): string | null {
  if (coverage === undefined) return null;
  const measured = past.filter(({ covered, coverable }) => covered !== null && coverable !== null);
  const earlier = measured.findLast((run) => run.seq < first) ?? measured[0];
  if (earlier === undefined) return null;
  const now = percentOf(coverage);
  const moved = now - percentOf({ covered: earlier.covered ?? 0, total: earlier.coverable ?? 0 });
  const shown = moved.toFixed(1);
  if (Number(shown) === 0) return null;
  return `coverage ${(Math.floor(now * 10) / 10).toFixed(1)} % (${moved > 0 ? '+' : ''}${shown})`;
}

/** The root of the repository needs no name. */
function nameOf({ subproject, recipe }: DigestJob): string {
  return subproject === '.' ? recipe : `${plainWords(subproject, 48)} ${recipe}`;
}

/** Nothing is heading anywhere in a single run. */
function trendWords(past: readonly PastRun[]): string | null {
  if (past.length < 2) return null;
  const [findings, times] = [past.map((run) => run.findings), past.map((run) => run.duration_ms)];
  const found = findings.some((count) => count > 0) ? `findings ${sparkline(findings)}  ` : '';
  return `${found}time ${sparkline(times)}  last ${past.length} runs`;
}

const lost: Readonly<Record<string, string>> = {
  orphaned: 'its runner was lost',
  runner_lost: 'its runner was lost, it was run again',
  workspace_failed: 'no clean workspace could be made',
  remote_unavailable: 'its repository could not be reached',
};

/** What should have run and did not, or ran without its tool. */
export function notRunLines(jobs: readonly DigestJob[], unused: readonly UnusedSlots[]): Line[] {
  return [
    ...unused.map(
      ({ recipe, count, last }): Line => ({
        tone: 'warn',
        label: 'missed schedule',
        text: `${recipe}: ${counted(count, 'scheduled time')} passed without a run`,
        detail: last === null ? null : `the last one at ${last.slice(0, 16).replace('T', ' ')} UTC`,
        url: null,
      }),
    ),
    ...[...Map.groupBy(jobs, placeOf).values()].flatMap((runs): Line[] => {
      // What ran well since is no trouble any more, and what did not is said once.
      const last = runs.at(-1);
      const text = last === undefined ? null : gapOf(last);
      if (last === undefined || text === null) return [];
      const alike = runs.filter((one) => gapOf(one) === text).length;
      const detail = `${alike > 1 ? `${alike} times, the last one ` : ''}job ${last.job_id}`;
      return [{ tone: 'warn', label: nameOf(last), text, detail, url: null, path: pagePath.job(last.job_id) }];
    }),
  ];
}

const placeOf = ({ subproject, recipe, branch }: DigestJob) => JSON.stringify([subproject, recipe, branch]);

/** Why a job says nothing of the code, or null. */
function gapOf({ reason, exit_code, not_observed }: DigestJob): string | null {
  const why = lost[reason] ?? (exit_code === 127 ? 'the command was not found: is the tool installed?' : null);
  return why ?? (not_observed === null ? null : `nothing could be proved: ${plainWords(not_observed, 160)}`);
}

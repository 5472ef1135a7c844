import type { LeftFindings } from '../../../projections/digests/digest-queries.ts';
import {
  type DigestFinding,
  type DigestJob,
  type DigestPatch,
  type DigestTally,
  urgency,
} from '../../../projections/digests/digest-rows.ts';
import { pagePath } from '../../floor/page-paths.ts';
import { mostListed, type ProjectFacts } from './digest-facts.ts';
import { jobLines, notRunLines } from './digest-job-lines.ts';
import type { Line, Tone } from './digest-line.ts';
import { plainWords } from './digest-plain-words.ts';
import { jobsToTell, wantsPatches } from './digest-words.ts';

/** A heading with its lines; `more` lines are not shown. */
export type Block = { readonly title: string; readonly lines: readonly Line[]; readonly more: number };

export type Counts = {
  readonly critical: number;
  readonly high: number;
  readonly tests: number;
  readonly builds: number;
  readonly new_findings: number;
  readonly resolved_findings: number;
  readonly jobs: number;
  readonly failed: number;
  readonly drafted: number;
  readonly patches: number;
  readonly unused: number;
};

/** What a digest says of one project, most urgent first. */
export type Section = {
  readonly project: string;
  /** What people call it, where that is another name than the log knows. */
  readonly called?: string | undefined;
  readonly removed: boolean;
  /** Whether any word of the project's `notify.on` holds; without one nothing is sent. */
  readonly fires: boolean;
  readonly counts: Counts;
  readonly blocks: readonly Block[];
};

/** Findings at least so urgent call for somebody: critical and high cve, failing tests, broken recipes. */
const lastUrgentRank = urgency.indexOf('recipe_fail');

/** Makes the section of a project. */
export function sectionOf(facts: ProjectFacts): Section {
  const { project, called, removed, on, changed, patches, openPulls } = facts;
  const told = jobsToTell(facts.jobs, on);
  const shown = wantsPatches(on) ? patches : [];
  const broken = on.includes('nightly_summary') ? brokenBuilds(facts.jobs) : [];
  const urgent = changed.opened.filter((one) => isUrgent(one) && !(one.recipe === 'build' && broken.length > 0));
  const calm = changed.opened.filter((one) => !isUrgent(one));
  const opened = sumOf(changed.tallies, ({ opens }) => opens === 1);
  const urgentCount = sumOf(
    changed.tallies,
    ({ opens, rank, recipe }) => opens === 1 && rank <= lastUrgentRank && !(recipe === 'build' && broken.length > 0),
  );
  const closed = sumOf(changed.tallies, ({ opens }) => opens === 0);
  const calmCount = sumOf(changed.tallies, ({ opens, rank }) => opens === 1 && rank > lastUrgentRank);
  const attempts = [...Map.groupBy(shown, ({ patch_id }) => patch_id).values()];
  // What was drafted and came to nothing is no patch that waits for anybody.
  const drafted = attempts.filter(
    (steps) => steps.some(({ what }) => what === 'drafted') && steps.at(-1)?.what !== 'failed',
  ).length;
  const ran = jobLines(told, facts.trendOf, mostListed);
  const gaps = notRunLines(told, facts.unused);
  const rank = (word: (typeof urgency)[number]) =>
    sumOf(changed.tallies, (one) => one.opens === 1 && one.rank === urgency.indexOf(word));
  return {
    project,
    ...(called === undefined || called === project ? {} : { called }),
    removed,
    fires: !removed && (told.length > 0 || drafted > 0 || on.includes('nightly_summary')),
    counts: {
      critical: rank('cve critical'),
      high: rank('cve high'),
      tests: rank('test_fail'),
      builds: broken.length,
      new_findings: opened,
      resolved_findings: closed,
      jobs: told.length,
      failed: told.filter(({ outcome }) => outcome === 'failed').length,
      drafted,
      patches: attempts.length,
      unused: facts.unused.reduce((sum, { count }) => sum + count, 0),
    },
    blocks: [
      block(
        'Needs action',
        [...urgent.map(findingLine('alarm')), ...broken.map(brokenLine)],
        urgentCount + broken.length,
      ),
      block('New', calm.map(findingLine('warn')), calmCount),
      block('Fixed', changed.closed.map(findingLine('good')), closed),
      block('No longer looked at', facts.left.map(leftLine)),
      block('Patches', patchLines(attempts, wantsPatches(on) ? openPulls : [])),
      block('Jobs', ran.lines, ran.count),
      block('Did not run', gaps),
    ].filter(({ lines, more }) => lines.length + more > 0),
  };
}

/** `count` things in all, of which these are at hand. */
function block(title: string, lines: readonly Line[], count = lines.length): Block {
  const shown = lines.slice(0, mostListed);
  return { title, lines: shown, more: Math.max(0, count - shown.length) };
}

function sumOf(tallies: readonly DigestTally[], counts: (tally: DigestTally) => boolean): number {
  return tallies.reduce((sum, tally) => (counts(tally) ? sum + tally.count : sum), 0);
}

function isUrgent({ kind, severity }: DigestFinding): boolean {
  return kind === 'test_fail' || kind === 'recipe_fail' || (kind === 'cve' && ['critical', 'high'].includes(severity));
}

/** The builds whose last run failed. */
function brokenBuilds(jobs: readonly DigestJob[]): DigestJob[] {
  const builds = jobs.filter(({ recipe, on_default }) => recipe === 'build' && on_default === 1);
  const last = new Map(builds.map((job) => [job.subproject, job]));
  return [...last.values()].filter(({ outcome }) => outcome === 'failed');
}

function leftLine({ subproject, recipe, count }: LeftFindings): Line {
  const place = subproject === '.' ? recipe : `${recipe} of ${plainWords(subproject, 80)}`;
  const what = count === 1 ? '1 finding' : `${count.toLocaleString('en')} findings`;
  return { tone: 'plain', label: place, text: `${what}: the recipe was taken out`, detail: null, url: null };
}

function brokenLine({ subproject, exit_code, reason, job_id }: DigestJob): Line {
  const why = reason === 'exited' ? `exit code ${exit_code}` : reason.replaceAll('_', ' ');
  return {
    tone: 'alarm',
    label: 'broken build',
    text: `${plainWords(subproject, 80)}: ${why}`,
    detail: `job ${job_id}`,
    url: null,
    path: pagePath.job(job_id),
  };
}

const kindWords: Readonly<Record<string, string>> = {
  cve: 'CVE',
  test_fail: 'failing test',
  recipe_fail: 'failing recipe',
};

const findingLine =
  (tone: Tone) =>
  (finding: DigestFinding): Line => {
    const { id, kind, severity, code, file, line, message, fixed_version, subproject, recipe } = finding;
    const name =
      kind === 'cve' || kind === 'lint' ? `${severity} ${kindWords[kind] ?? kind}` : (kindWords[kind] ?? kind);
    const home = subproject === '.' ? recipe : `${subproject} ${recipe}`;
    const place = file === null ? home : `${file}${line === null ? '' : `:${line}`}`;
    const also = finding.also === undefined ? '' : ` — said by ${[finding.tool, ...finding.also].join(' and ')}`;
    const subject = [finding.package, code].filter((word) => word !== null).join(' ');
    const fix = fixed_version === null || tone === 'good' ? '' : ` — fixed in ${plainWords(fixed_version, 40)}`;
    return {
      tone,
      label: name,
      text: plainWords(subject || message, 120),
      detail: `${plainWords(place, 100)}${fix}${subject ? ` — ${plainWords(message, 160)}` : ''}${plainWords(also, 80)}`,
      url: null,
      path: pagePath.finding(id),
    };
  };

const patchTones: Readonly<Record<string, Tone>> = { merged: 'good', closed: 'warn', failed: 'warn', waiting: 'warn' };
const patchWords: Readonly<Record<string, string>> = {
  failed: 'not mended',
  superseded: 'mended otherwise, closed',
  pushed: 'proven, branch pushed',
};

/** How each attempt stands at the end of the time, and which pull requests wait for people. */
function patchLines(attempts: readonly (readonly DigestPatch[])[], openPulls: readonly DigestPatch[]): Line[] {
  const line = ({ what, title, number, url, patch_id, finding }: DigestPatch, label: string): Line => {
    const place = finding?.file ? `${finding.file}${finding.line === null ? '' : `:${finding.line}`}` : null;
    const about = finding ? [finding.code ?? finding.tool, place].filter((word) => word !== null).join(' in ') : null;
    const attempt = number === null ? `attempt ${patch_id}` : `pull request #${number}`;
    return {
      tone: patchTones[what] ?? 'plain',
      label,
      text: plainWords(title || attempt, 120),
      detail: plainWords(about === null ? attempt : `${attempt} to mend ${about}`, 200),
      url: url !== null && /^https?:\/\/[^\s"'<>]+$/.test(url) ? url : null,
      path: pagePath.patch(patch_id),
    };
  };
  const told = attempts.flatMap((steps) => {
    const last = steps.at(-1);
    return last && last.what !== 'opened' && last.what !== 'waiting'
      ? [line(last, patchWords[last.what] ?? last.what)]
      : [];
  });
  return [
    ...told,
    ...openPulls.map((patch) => line(patch, patch.what === 'waiting' ? 'awaits your approval' : 'open follow-up')),
  ];
}

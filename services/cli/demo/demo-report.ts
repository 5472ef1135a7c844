import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { Skipped } from '../../../recipes/detection/detect.ts';
import { counted } from '../../floor/text/counted.ts';
import { printable } from '../../floor/text/printable.ts';
import { plainTable } from '../print/fit-table.ts';
import { type DemoPatches, patchReport } from './demo-patch-report.ts';

export type DemoResult = {
  readonly repository: string;
  readonly branch: string;
  readonly sha: string | null;
  readonly project: string;
  readonly url: string;
  readonly jobs: readonly JobDoc[];
  readonly findings: readonly FindingDoc[];
  readonly skipped: readonly Skipped[];
  /** Whether the whole repository was looked at; false for one that is deeper or larger than the bounds. */
  readonly complete: boolean;
  readonly interrupted: boolean;
  readonly patches: DemoPatches;
  readonly duration_ms: number;
};

/** Severities, the worst first. */
export const worstFirst = ['critical', 'high', 'error', 'medium', 'warn', 'low', 'info'];
const shownFindings = 60;

/** The result as a person reads it in a terminal of this width. */
export function reportOf(result: DemoResult, width: number): string {
  const { findings, jobs, skipped, patches } = result;
  const shown = result.interrupted ? jobs.filter(hasEnded) : jobs;
  const parts = [
    '',
    headline(result),
    ...(result.complete ? [] : ['Only the upper part of the repository was looked at: it is very deep or very large.']),
    ...(findings.length > 0 ? [findingsTable(findings, width)] : []),
    ...(shown.length > 0 ? ['', 'What ran', jobsTable(shown, width)] : []),
    ...(skipped.length > 0 ? ['', 'What was skipped', skippedTable(skipped)] : []),
    '',
    patchReport(patches, width),
  ];
  return parts.join('\n');
}

/** What is to be known first: above all whether anything ran at all. */
function headline({ findings, jobs, skipped, sha, branch, duration_ms, interrupted }: DemoResult): string {
  const where = `${branch}${sha ? ` at ${sha.slice(0, 10)}` : ''}`;
  const took = `${(duration_ms / 1000).toFixed(1)} s`;
  if (jobs.length === 0) {
    const why = skipped.length > 0 ? 'no tool for what was found is there' : 'no build, test, lint or audit was found';
    return `Nothing was run on ${where}: ${why}.`;
  }
  const ended = jobs.filter(hasEnded).length;
  const found = `${counted(findings.length, 'finding')} on ${where}`;
  if (interrupted) return `Interrupted: ${found}; ${ended} of ${counted(jobs.length, 'job')} had ended after ${took}`;
  const clean = findings.length === 0 ? '. Every tool below ran clean.' : '';
  return `${found}, ${counted(jobs.length, 'job')} in ${took}${clean}`;
}

function hasEnded({ status }: JobDoc): boolean {
  return status === 'succeeded' || status === 'failed';
}

function findingsTable(findings: readonly FindingDoc[], width: number): string {
  const sorted = [...findings].sort(
    (a, b) => worstFirst.indexOf(a.severity) - worstFirst.indexOf(b.severity) || a.id - b.id,
  );
  const rows = sorted
    .slice(0, shownFindings)
    .map((finding) => [
      finding.severity,
      finding.tool,
      placeOf(finding),
      printable(finding.code ?? ''),
      printable(firstLine(finding.message)),
    ]);
  const table = plainTable(['severity', 'tool', 'place', 'code', 'message'], rows, [
    8,
    12,
    44,
    32,
    Math.max(30, width - 104),
  ]);
  const more = findings.length - shownFindings;
  return more > 0 ? `${table}\n… and ${more} more: GET /findings` : table;
}

function jobsTable(jobs: readonly JobDoc[], width: number): string {
  const rows = jobs.map(({ subproject, recipe, status, exit_code, findings_count, duration_ms, command }) => {
    const result = `${status}${exit_code ? `, exit ${exit_code}` : ''}`;
    return [
      printable(subproject),
      recipe,
      result,
      String(findings_count),
      `${((duration_ms ?? 0) / 1000).toFixed(1)} s`,
      printable(command),
    ];
  });
  return plainTable(['subproject', 'recipe', 'result', 'findings', 'time', 'command'], rows, [
    32,
    6,
    18,
    8,
    8,
    Math.max(30, width - 82),
  ]);
}

function skippedTable(skipped: readonly Skipped[]): string {
  return plainTable(
    ['subproject', 'recipe', 'tool', 'why'],
    skipped.map(({ path, recipe, tool, why }) => [printable(path), recipe, tool, why]),
    [32, 6, 24, 60],
  );
}

function placeOf({ file, line, subproject, package: name, installed_version }: FindingDoc): string {
  if (file) return printable(`${file}${line ? `:${line}` : ''}`);
  return printable(name ? `${name} ${installed_version ?? ''}` : subproject);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

import type { Skipped } from '../../../recipes/detection/detect.ts';
import { sarifOf } from '../../findings/rules/sarif-log.ts';
import { counted } from '../../floor/text/counted.ts';
import { printable } from '../../floor/text/printable.ts';
import { version } from '../../floor/version.ts';
import type { Cli } from '../define.ts';
import { worstFirst } from '../demo/demo-report.ts';
import { type Column, fitTable } from '../print/fit-table.ts';
import { groupedFindings } from '../print/grouped-findings.ts';
import { styleOf } from '../print/paint.ts';
import type { LocalFix } from './local-fix.ts';
import type { LocalFinding, LocalJob } from './run-recipe-here.ts';
import type { CheckoutHere } from './tree/checkout-here.ts';

/** What a run without a farm came to; `findings` are those that are shown. */
export type LocalReport = {
  readonly project: string;
  readonly checkout: CheckoutHere;
  readonly jobs: readonly LocalJob[];
  readonly findings: readonly LocalFinding[];
  /** Findings in files that did not change: how many are not shown. */
  readonly unchanged: number;
  readonly skipped: readonly Skipped[];
  readonly fix: LocalFix | null;
  readonly duration_ms: number;
};

const shownFindings = 200;

/** The result as one JSON value, in the words of the API. */
export function localJson({ checkout, ...report }: LocalReport) {
  const { root, branch, sha, dirty } = checkout;
  return { root, branch, sha, dirty, ...report };
}

type Sarif = Pick<LocalReport, 'findings' | 'checkout'> & {
  /** The identities of what was known before; none unless told. */
  readonly known?: ReadonlySet<string>;
};

/** The findings as SARIF 2.1.0. The commit is left out: what was looked at is the work tree. */
export function localSarif({ findings, checkout, known = new Set() }: Sarif) {
  const exported = findings.map((finding) => ({ ...finding, is_new: !known.has(finding.identity), state: 'open' }));
  return sarifOf(exported, { version, gitUrl: '', sha: null, branch: checkout.branch ?? '' });
}

/** The result as a person reads it, as wide as the terminal. */
export function localTable(report: LocalReport, cli: Pick<Cli, 'terminal'>): string {
  const { findings, jobs, skipped, unchanged, fix } = report;
  const worst = [...findings].sort((a, b) => worstFirst.indexOf(a.severity) - worstFirst.indexOf(b.severity));
  const more = findings.length - shownFindings;
  const notes = jobs.flatMap(({ problems, recipe, subproject }) =>
    problems.map((words) => printable(`note: ${recipe} of ${subproject}: ${words}`)),
  );
  return [
    '',
    headline(report),
    ...(unchanged > 0 ? [`${counted(unchanged, 'more finding')} in files that did not change`] : []),
    ...(findings.length > 0 ? [groupedFindings(cli, localColumns, worst.slice(0, shownFindings))] : []),
    ...(more > 0 ? [`… and ${more} more: --output json shows all`] : []),
    '',
    fitTable(cli, jobColumns, jobs),
    ...notes,
    ...(skipped.length > 0 ? ['', 'What was skipped', fitTable(cli, skippedColumns, skipped)] : []),
    ...(fix === null ? [] : ['', ...fixWords(fix)]),
  ].join('\n');
}

function headline({ findings, jobs, checkout: { branch, sha, dirty }, duration_ms }: LocalReport): string {
  const where = [
    ...(branch ? [` on ${printable(branch)}`] : []),
    ...(sha ? [` at ${sha.slice(0, 10)}${dirty ? ' with what was changed since' : ''}`] : []),
  ].join('');
  return `${counted(findings.length, 'finding')}${where}, ${counted(jobs.length, 'run')} in ${seconds(duration_ms)}`;
}

/** Findings of a run without a farm, each on a line of its own. */
export const localColumns: readonly Column<LocalFinding>[] = [
  { head: 'severity', of: ({ severity }) => severity, style: styleOf },
  { head: 'tool', of: ({ tool }) => tool },
  { head: 'place', of: placeOf, shrinksTo: 16 },
  { head: 'code', of: ({ code }) => code, shrinksTo: 10 },
  { head: 'message', of: ({ message }) => firstLine(message), shrinksTo: 16 },
];

const jobColumns: readonly Column<LocalJob>[] = [
  { head: 'subproject', of: ({ subproject }) => subproject, shrinksTo: 10 },
  { head: 'recipe', of: ({ recipe }) => recipe },
  { head: 'result', of: resultOf, style: (_text, { status }) => styleOf(status) },
  { head: 'tests', of: testsOf },
  { head: 'time', of: ({ duration_ms }) => seconds(duration_ms) },
  { head: 'command', of: ({ command }) => firstLine(command), shrinksTo: 12 },
];

const skippedColumns: readonly Column<Skipped>[] = [
  { head: 'subproject', of: ({ path }) => path, shrinksTo: 10 },
  { head: 'recipe', of: ({ recipe }) => recipe },
  { head: 'tool', of: ({ tool }) => tool },
  { head: 'why', of: ({ why }) => why, shrinksTo: 16 },
];

function placeOf({ file, line, subproject, package: name, installed_version }: LocalFinding): string {
  if (file) return `${file}${line ? `:${line}` : ''}`;
  return name ? `${name} ${installed_version ?? ''}` : subproject;
}

function resultOf({ status, reason, exit_code, detail }: LocalJob): string {
  if (status === 'failed' && reason === 'exited' && detail !== null) return `${status}: ${detail}`;
  if (reason !== 'exited') return reason === 'cancelled' ? status : `${status}, ${reason}`;
  return exit_code ? `${status}, exit ${exit_code}` : status;
}

function testsOf({ tests }: LocalJob): string {
  if (!tests) return '';
  return `${tests.passed} of ${tests.executed}${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`;
}

function fixWords({ applied, files, left }: LocalFix): string[] {
  const leftAlone = left.map(({ file, reason }) => `  ${printable(file)} is left alone: ${reason}`);
  if (applied === 0) return ['Nothing was mended: no tool offers an edit that it calls safe.', ...leftAlone];
  const written = files.map((file) => `  ${printable(file)}`);
  return [
    `The edits of the tools mend ${counted(applied, 'finding')}, in ${counted(files.length, 'file')}:`,
    ...written,
    ...leftAlone,
  ];
}

const firstLine = (text: string) => text.split('\n')[0] ?? '';
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

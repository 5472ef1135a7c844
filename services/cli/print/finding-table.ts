import type { FindingDoc } from '../../../projections/findings/findings.ts';
import { printableLines } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { type Column, fitTable } from './fit-table.ts';
import { styleOf } from './paint.ts';
import { printFields } from './print-fields.ts';

/** Findings as they are listed. */
export const findingColumns: readonly Column<FindingDoc>[] = [
  { head: 'id', of: ({ id }) => id },
  { head: 'severity', of: ({ severity }) => severity, style: styleOf },
  { head: 'state', of: ({ state }) => state, style: styleOf, isExtra: true },
  { head: 'tool', of: toolsOf, shrinksTo: 6 },
  { head: 'place', of: placeOf, shrinksTo: 12 },
  { head: 'code', of: ({ code }) => code, shrinksTo: 8 },
  { head: 'message', of: ({ message }) => message.split('\n')[0], shrinksTo: 12 },
];

function toolsOf({ tool, also = [] }: Pick<FindingDoc, 'tool' | 'also'>): string {
  return [tool, ...also.map((one) => one.tool)].join(', ');
}

export type HistoryLine = { seq: number; time: string; type: string; job_id?: string; reason?: string; by?: string };

/** Everything that people ask about one finding, and what happened to it. */
export function showFinding(cli: Cli, finding: FindingDoc, history: readonly HistoryLine[]): void {
  printFields(cli, [
    ['finding', finding.id],
    ['severity', `${finding.severity}${finding.tool_severity ? ` (${finding.tool}: ${finding.tool_severity})` : ''}`],
    ['state', finding.state],
    ['kind', finding.kind],
    ['project', `${finding.project}, ${finding.subproject}`],
    ['tool', `${finding.tool}${finding.code ? ` ${finding.code}` : ''}`],
    ['also said by', (finding.also ?? []).map(({ tool, code }) => `${tool}${code ? ` ${code}` : ''}`).join(', ')],
    ['place', placeOf(finding)],
    ['fixed in', finding.fixed_version],
    ['also known as', finding.aliases.join(', ')],
    ['see', finding.url],
    ['suppressed', finding.suppression && `by ${finding.suppression.by}: ${finding.suppression.reason}`],
    ['first seen', `${finding.first_seen_at} in ${finding.first_seen_job}`],
    ['last seen', `${finding.last_seen_at} in ${finding.last_seen_job}`],
    ['suggestion', finding.suggested_fix],
  ]);
  cli.print(`\n${printableLines(finding.message)}`);
  if (history.length === 0) return;
  cli.print(`\n${fitTable(cli, historyColumns, history)}`);
}

const historyColumns: readonly Column<HistoryLine>[] = [
  { head: 'event', of: ({ seq }) => seq },
  { head: 'time', of: ({ time }) => time.slice(0, 19).replace('T', ' ') },
  { head: 'what', of: ({ type }) => type },
  { head: 'job', of: ({ job_id }) => job_id },
  { head: 'why', of: ({ by, reason }) => [by, reason].filter(Boolean).join(': '), shrinksTo: 20 },
];

function placeOf({ file, line, subproject, package: name, installed_version }: FindingDoc): string {
  if (file) return `${file}${line ? `:${line}` : ''}`;
  return name ? `${name} ${installed_version ?? ''}` : subproject;
}

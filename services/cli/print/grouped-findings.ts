import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { type Column, cutStart, fitLines, fitTable } from './fit-table.ts';
import { paint, styleOf } from './paint.ts';

/** What a list shows of a finding, whoever found it. */
export type ListedFinding = {
  readonly id?: number | string;
  readonly project?: string;
  readonly state?: string;
  readonly severity: string;
  readonly tool: string;
  readonly code: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column?: number | null;
  readonly message: string;
  readonly subproject: string;
  readonly package: string | null;
  readonly installed_version: string | null;
};

const indent = '  ';

/**
 * Findings for people. On a terminal they stand below their file, as linters print them, so a long path never takes the
 * line number's place. Elsewhere each is one row with `file:line`, for programs that look for it.
 */
export function groupedFindings<T extends ListedFinding>(
  cli: Pick<Cli, 'terminal'>,
  flat: readonly Column<T>[],
  findings: readonly T[],
): string {
  if (!cli.terminal.isTTY) return fitTable(cli, flat, findings);
  const several = new Set(findings.map(({ project }) => project)).size > 1;
  const byLine = [...findings].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const lined = Map.groupBy(byLine, (one) => headOf(one, several));
  const order = new Set(findings.map((one) => headOf(one, several)));
  const groups = [...order].map((head) => [head, lined.get(head) ?? []] as const);
  const rows = groups.flatMap(([, members]) => members);
  const columns = columnsOf(rows);
  const [, ...lines] = fitLines(cli, columns, rows, cli.terminal.columns - indent.length);
  let at = 0;
  return groups
    .map(([head, members]) => {
      const title = paint(cli, 'underline', cutStart(printable(head), cli.terminal.columns));
      const own = lines.slice(at, at + members.length).map((line) => `${indent}${line}`);
      at += members.length;
      return ['', title, ...own].join('\n');
    })
    .join('\n');
}

/** A finding of a package or of a whole run has no file: it stands below what it is about. */
function headOf(
  { file, subproject, package: name, installed_version: version, project }: ListedFinding,
  several: boolean,
): string {
  const of = several && project ? `${project}: ` : '';
  if (file) return of + file;
  if (name) return `${of}${name} ${version ?? ''}`.trim();
  return of + (subproject === '.' ? 'the whole project' : subproject);
}

/** What all rows would leave empty, or say alike, is no column. */
function columnsOf(rows: readonly ListedFinding[]): Column<ListedFinding>[] {
  const isOpen = rows.every(({ state }) => state === undefined || state === 'open');
  return [
    ...(rows.some(({ line }) => line) ? [lineColumn] : []),
    severityColumn,
    ...(isOpen ? [] : [stateColumn]),
    ...grouped,
    ...(rows.some(({ id }) => id !== undefined) ? [idColumn] : []),
  ];
}

const lineColumn: Column<ListedFinding> = {
  head: '',
  of: ({ line, column }) => (line ? `${line}${column ? `:${column}` : ''}` : ''),
};
const severityColumn: Column<ListedFinding> = { head: '', of: ({ severity }) => severity, style: styleOf };
const stateColumn: Column<ListedFinding> = { head: '', of: ({ state }) => state, style: styleOf };
const grouped: readonly Column<ListedFinding>[] = [
  { head: '', of: ({ message }) => message.split('\n')[0], shrinksTo: 24 },
  { head: '', of: ({ tool, code }) => (code ? `${tool} ${code}` : tool), shrinksTo: 12, style: () => 'dim' },
];
const idColumn: Column<ListedFinding> = { head: '', of: ({ id }) => `#${id}`, style: () => 'dim' };

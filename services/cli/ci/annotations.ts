import { printable } from '../../floor/text/printable.ts';
import type { LocalFinding } from '../local/run-recipe-here.ts';

/** Who runs us, by the variables that it sets in every job. */
export const ciHosts = ['github', 'gitea', 'gitlab', 'none'] as const;
export type CiHost = (typeof ciHosts)[number];

export function ciHostOf(env: NodeJS.ProcessEnv): CiHost {
  if (env['GITEA_ACTIONS'] === 'true') return 'gitea';
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  return env['GITLAB_CI'] === 'true' ? 'gitlab' : 'none';
}

type Level = 'error' | 'warning' | 'notice';

const levels: Readonly<Record<LocalFinding['severity'], Level>> = {
  critical: 'error',
  high: 'error',
  error: 'error',
  medium: 'warning',
  warn: 'warning',
  low: 'notice',
  info: 'notice',
};

/** GitHub shows ten of a kind a step; more would only make the log long. */
const mostOfALevel = 10;

/**
 * Findings as the commands by which GitHub and Gitea annotate a change (docs.github.com, "Workflow commands"), the worst
 * of each level first.
 */
export function workflowCommands(findings: readonly LocalFinding[]): string[] {
  const byLevel = Map.groupBy(findings, ({ severity }) => levels[severity]);
  return (['error', 'warning', 'notice'] as const).flatMap((level) =>
    (byLevel.get(level) ?? []).slice(0, mostOfALevel).map((finding) => workflowCommand(level, finding)),
  );
}

function workflowCommand(level: Level, { file, line, column, end_line, tool, code, message }: LocalFinding): string {
  const places: [string, string | number | null | undefined][] = [
    ['file', file],
    ['line', file && line],
    ['endLine', file && line && end_line],
    ['col', file && line && !end_line ? column : null],
    ['title', code ? `${tool} ${code}` : tool],
  ];
  const given = places.flatMap(([name, value]) => (value ? [`${name}=${property(String(value))}`] : []));
  return `::${level} ${given.join(',')}::${data(message)}`;
}

/** What ends a line or a command is written as an escape, so that no message gives a command of its own. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

const gitlabSeverity: Readonly<Record<LocalFinding['severity'], string>> = {
  critical: 'blocker',
  high: 'critical',
  error: 'major',
  medium: 'minor',
  warn: 'minor',
  low: 'info',
  info: 'info',
};

/** Findings as a Code Quality report of GitLab (docs.gitlab.com/ci/testing/code_quality). */
export function codeQuality(findings: readonly LocalFinding[]) {
  return findings.map(({ identity, file, line, severity, tool, code, message, subproject }) => ({
    description: message,
    check_name: code ? `${tool} ${code}` : tool,
    fingerprint: identity,
    severity: gitlabSeverity[severity],
    location: { path: file ?? subproject, lines: { begin: line ?? 1 } },
  }));
}

const mostRows = 50;

/** What the summary of a job on GitHub and Gitea shows, as Markdown. */
export function summaryMarkdown(fresh: readonly LocalFinding[], known: number): string {
  const head = `### crafting-table: ${fresh.length} new, ${known} known`;
  if (fresh.length === 0) return `${head}\n`;
  const rows = fresh.slice(0, mostRows).map(({ severity, file, line, tool, code, message, subproject }) => {
    const place = `${file ?? subproject}${line ? `:${line}` : ''}`;
    return `| ${[severity, place, [tool, code].filter(Boolean).join(' '), message.split('\n')[0] ?? ''].map(cell).join(' | ')} |`;
  });
  const more = fresh.length > mostRows ? [`\n… and ${fresh.length - mostRows} more.`] : [];
  return [`${head}\n`, '| severity | place | rule | message |', '|---|---|---|---|', ...rows, ...more, ''].join('\n');
}

/** Text of others is text and nothing else: no markup, no link, no mention. */
function cell(text: string): string {
  return printable(text)
    .slice(0, 300)
    .replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`)
    .replace(/[\\`*_{}[\]()#+!|~@]/g, (sign) => `&#${sign.codePointAt(0)};`);
}

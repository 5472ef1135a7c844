import type { Draft, LogContext } from '../define.ts';
import { fixedVersion } from './fixed-version.ts';
import { type Fields, fields, isFields, list, textOf, texts, wordOf } from './json-value.ts';

const severities = { critical: 'critical', high: 'high', moderate: 'medium', low: 'low', info: 'info' } as const;

/** npm's words for how bad it is, as ours; an unknown one counts as `high`. */
export function npmSeverity(word: string) {
  return Object.hasOwn(severities, word) ? severities[word as keyof typeof severities] : 'high';
}

/** The id that GitHub gave, out of its address. */
export function ghsaOf(url: string | null): string | null {
  return /GHSA(?:-[0-9a-z]{4}){3}/.exec(url ?? '')?.[0] ?? null;
}

/** The report of npm 6, which pnpm and yarn 2 and 3 print too; newer pnpm without `actions` and `muted`. */
export function isNpm6Report(value: unknown): value is Fields {
  return isFields(value) && isFields(value.advisories) && isFields(value.metadata) && !('auditReportVersion' in value);
}

/** Whose report it is: the command says so, else what is missing in pnpm's. */
export function auditorOf(value: Fields, context: LogContext): 'npm' | 'pnpm' | 'yarn' {
  const named = /\b(pnpm|yarn)\b(?!\.)/.exec(context.command)?.[1];
  if (named === 'pnpm' || named === 'yarn') return named;
  return 'actions' in value || 'muted' in value ? 'npm' : 'pnpm';
}

/** One advisory as npm 6 tells it. */
export function npm6Advisory(item: Fields): Draft {
  const name = textOf(item.module_name) ?? '';
  const installed = textOf(fields(list(item.findings)[0]).version);
  const patched = textOf(item.patched_versions) ?? '';
  const word = textOf(item.severity) ?? '';
  const url = textOf(item.url);
  const code = textOf(item.github_advisory_id) ?? ghsaOf(url) ?? `npm:${wordOf(item.id)}`;
  return {
    ...npmDraft({ name, word, url, code, title: textOf(item.title) ?? '', patched, installed }),
    aliases: texts(item.cves),
    raw: { ...item, findings: undefined },
  };
}

/** What all of them tell. `patched` is a requirement; `<0.0.0` is npm's way to say never. */
export function npmDraft(told: {
  name: string;
  word: string;
  url: string | null;
  code: string;
  title: string;
  patched: string;
  installed: string | null;
}): Draft {
  const { name, word, patched, installed } = told;
  const fixed = patched.startsWith('<') ? null : fixedVersion(patched.split('||'), installed);
  return {
    kind: 'cve',
    severity: npmSeverity(word),
    tool_severity: word,
    code: told.code,
    message: `${name}: ${told.title}`,
    package: name,
    installed_version: installed,
    fixed_version: fixed,
    suggested_fix: fixed === null ? null : `bump ${name} to ${fixed}`,
    url: told.url,
    raw: told,
  };
}

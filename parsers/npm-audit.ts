import type { Draft, Machine, Parser, Run } from './define.ts';
import { fixedVersion } from './engine/fixed-version.ts';
import { type Fields, fields, isFields, list, textOf, texts, wordOf } from './engine/json-value.ts';

const severities = { critical: 'critical', high: 'high', moderate: 'medium', low: 'low', info: 'info' } as const;

/** `npm audit --json` of npm 6 and of 7 and newer, and the document of an audit that failed. */
export const npmAudit: Parser = {
  name: 'npm-audit',
  tool: 'npm-audit',
  languages: ['typescript'],
  recipes: ['audit'],
  programs: ['npm audit', 'audit'],
  json: { is: (value) => isReport(value) || isOldReport(value) || isFailure(value), cut: ['"auditReportVersion"'] },
  start,
};

function isReport(value: unknown): value is Fields {
  return isFields(value) && 'auditReportVersion' in value && isFields(value.vulnerabilities);
}

function isOldReport(value: unknown): value is Fields {
  return (
    isFields(value) &&
    isFields(value.advisories) &&
    isFields(value.metadata) &&
    ('actions' in value || 'muted' in value)
  );
}

function isFailure(value: unknown): value is Fields {
  return (
    isFields(value) &&
    isFields(value.error) &&
    typeof value.error.code === 'string' &&
    typeof value.error.summary === 'string'
  );
}

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      if (isFailure(value)) {
        const { code, summary, detail } = fields(value.error);
        run.crashed([code, summary, detail].filter((part) => textOf(part) !== null).join(': '));
        return;
      }
      documents += 1;
      if (isOldReport(value))
        for (const item of Object.values(fields(value.advisories))) run.report(oldAdvisory(fields(item)));
      if (!isReport(value)) return;
      for (const entry of Object.values(fields(value.vulnerabilities)).map(fields)) {
        // A string in `via` names another package of this list: the consequence of what is told there.
        for (const via of list(entry.via)) if (isFields(via)) run.report(advisory(via, entry));
      }
    },
    end: (exit) => documents > 0 && (exit.exitCode === 0 || exit.exitCode === 1),
  };
}

function advisory(via: Fields, entry: Fields): Draft {
  const name = textOf(via.dependency) ?? textOf(via.name) ?? textOf(entry.name) ?? '';
  const fix = fields(entry.fixAvailable);
  const target = textOf(fix.name);
  const version = textOf(fix.version);
  const range = textOf(via.range);
  const bump = target !== null && version !== null ? `bump ${target} to ${version}` : null;
  return {
    ...common(name, textOf(via.severity) ?? '', textOf(via.url), `npm:${wordOf(via.source)}`),
    message: `${name}: ${textOf(via.title) ?? ''}${range === null ? '' : ` (${range})`}`,
    fixed_version: target === name ? version : null,
    suggested_fix: bump ?? (entry.fixAvailable === true ? 'run npm audit fix' : null),
    raw: { ...via, fixAvailable: entry.fixAvailable },
  };
}

function oldAdvisory(item: Fields): Draft {
  const name = textOf(item.module_name) ?? '';
  const installed = textOf(fields(list(item.findings)[0]).version);
  const fixed = fixedVersion((textOf(item.patched_versions) ?? '').split('||'), installed);
  return {
    ...common(
      name,
      textOf(item.severity) ?? '',
      textOf(item.url),
      textOf(item.github_advisory_id) ?? `npm:${wordOf(item.id)}`,
    ),
    message: `${name}: ${textOf(item.title) ?? ''}`,
    installed_version: installed,
    // `<0.0.0` is npm's way to say never.
    fixed_version: textOf(item.patched_versions)?.startsWith('<') ? null : fixed,
    suggested_fix: fixed === null || textOf(item.patched_versions)?.startsWith('<') ? null : `bump ${name} to ${fixed}`,
    aliases: texts(item.cves),
    raw: { ...item, findings: undefined },
  };
}

function common(name: string, word: string, url: string | null, fallback: string) {
  const severity = Object.hasOwn(severities, word) ? severities[word as keyof typeof severities] : 'high';
  const id = /GHSA(?:-[0-9a-z]{4}){3}/.exec(url ?? '')?.[0];
  return { kind: 'cve', severity, tool_severity: word, code: id ?? fallback, package: name, url } as const;
}

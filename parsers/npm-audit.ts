import type { Draft, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, textOf, wordOf } from './engine/json-value.ts';
import { auditorOf, ghsaOf, isNpm6Report, npm6Advisory, npmSeverity } from './engine/npm-advisory.ts';

/** `npm audit --json` of npm 6 and of 7 and newer, and the document of an audit that failed. */
export const npmAudit: Parser = {
  name: 'npm-audit',
  recipes: ['audit'],
  json: {
    is: (value, context) =>
      isReport(value) || (isNpm6Report(value) && auditorOf(value, context) === 'npm') || isFailure(value),
    cut: ['"auditReportVersion"'],
  },
  start,
};

function isReport(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  const own = Object.values(fields(value.vulnerabilities)).some((one) => isFields(one) && Array.isArray(one.via));
  return 'auditReportVersion' in value || own;
}

function isFailure(value: unknown): value is Fields {
  return (
    isFields(value) &&
    isFields(value.error) &&
    typeof value.error.summary === 'string' &&
    // An endpoint that answers with an error has its words beside the empty ones.
    (typeof value.error.code === 'string' || (typeof value.message === 'string' && 'statusCode' in value))
  );
}

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      if (isFailure(value)) {
        const { code, summary, detail } = fields(value.error);
        run.crashed([code, summary, detail, value.message].filter((part) => textOf(part) !== null).join(': '));
        return;
      }
      documents += 1;
      if (isNpm6Report(value))
        for (const item of Object.values(fields(value.advisories))) run.report(npm6Advisory(fields(item)));
      if (!isReport(value)) return;
      for (const entry of Object.values(fields(value.vulnerabilities)).map(fields)) {
        // A string in `via` names another package of this list: the consequence of what is told there.
        for (const via of list(entry.via)) if (isFields(via)) run.report(advisory(via, entry));
      }
    },
    end: () => documents > 0,
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

function common(name: string, word: string, url: string | null, fallback: string) {
  const code = ghsaOf(url) ?? fallback;
  return { kind: 'cve', severity: npmSeverity(word), tool_severity: word, code, package: name, url } as const;
}

import type { Severity } from '../events/finding.ts';
import type { Draft, Machine, Parser, Run } from './define.ts';
import { isAdvisoryId } from './engine/advisory-id.ts';
import { scoreSeverity } from './engine/cvss-severity.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, wordOf } from './engine/json-value.ts';
import { type SarifRun, sarifRun } from './engine/sarif-run.ts';

const levels: Readonly<Record<string, Severity>> = { error: 'error', warning: 'warn', note: 'info', none: 'info' };
const noFinding = new Set(['pass', 'notApplicable', 'open']);

/**
 * SARIF 2.1.0 of any tool, whose name is the finding's. A result with the id of an advisory is a `cve`; suppressed and
 * absent ones are none. Its fixes are edits that nobody called safe.
 */
export const sarif: Parser = {
  name: 'sarif',
  recipes: ['lint', 'audit'],
  json: {
    is: (value) =>
      isFields(value) &&
      ((Array.isArray(value.runs) && /^2\./.test(wordOf(value.version))) || /sarif/.test(wordOf(value.$schema))),
    cut: ['sarif', '"runs"'],
    elements: true,
  },
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let results = 0;
  let failed = false;
  return {
    json(value) {
      documents += 1;
      for (const one of list(fields(value).runs).map(fields)) {
        const own = sarifRun(one, (printed) => run.isInside(printed));
        run.saw(own.tool);
        for (const result of list(one.results).map(fields)) {
          results += 1;
          const draft = draftOf(result, own);
          if (draft !== null) run.report(draft);
        }
        for (const invocation of list(one.invocations).map(fields)) {
          if (invocation.executionSuccessful !== false) continue;
          failed = true;
          const words = failureOf(invocation);
          if (words !== null) run.crashed(words, own.tool);
        }
      }
    },
    end: (exit) => documents > 0 && !failed && (exit.exitCode === 0 || results > 0),
  };
}

function draftOf(result: Fields, own: SarifRun): Draft | null {
  const kind = textOf(result.kind) ?? 'fail';
  if (noFinding.has(kind) || result.baselineState === 'absent' || isSuppressed(result)) return null;
  const rule = own.ruleOf(result);
  const code = textOf(result.ruleId) ?? textOf(fields(result.rule).id) ?? textOf(rule.id);
  const level = textOf(result.level) ?? (kind === 'fail' ? textOf(fields(rule.defaultConfiguration).level) : 'none');
  const score = Number(textOf(fields(rule.properties)['security-severity']) ?? Number.NaN);
  const physical = fields(fields(list(result.locations)[0]).physicalLocation);
  const region = fields(physical.region);
  const message = own.message(result, rule);
  const draft: Draft = {
    kind: 'lint',
    severity: levels[level ?? 'warning'] ?? 'warn',
    tool: own.tool,
    tool_severity: level ?? 'warning',
    code,
    file: own.path(fields(physical.artifactLocation)),
    line: numberOf(region.startLine),
    column: numberOf(region.startColumn),
    end_line: numberOf(region.endLine),
    message,
    suggested_fix: textOf(fields(fields(list(result.fixes)[0]).description).text),
    url: textOf(rule.helpUri),
    edits: own.edits(result),
    raw: result,
  };
  if (code === null || !isAdvisoryId(code)) return draft;
  const band = { error: 'high', warn: 'medium', info: 'low' } as const;
  const byLevel = band[draft.severity as keyof typeof band];
  const fixed = said(message, 'Fixed Version');
  const name = said(message, 'Package') ?? /^Package '([^'@]{1,200})@/.exec(message)?.[1] ?? null;
  return {
    ...draft,
    kind: 'cve',
    severity: scoreSeverity(score) ?? byLevel,
    package: name,
    installed_version:
      said(message, 'Installed Version') ?? /^Package '[^'@]{1,200}@([^']{1,100})'/.exec(message)?.[1] ?? null,
    fixed_version: fixed,
    suggested_fix: name !== null && fixed !== null ? `bump ${name} to ${fixed}` : (draft.suggested_fix ?? null),
  };
}

/** trivy writes `Package: x` and so on as lines of the message. */
function said(message: string, key: string): string | null {
  const at = message.startsWith(`${key}: `) ? 0 : message.indexOf(`\n${key}: `);
  if (at === -1) return null;
  const from = message.indexOf(': ', at) + 2;
  return (
    message
      .slice(from, from + 300)
      .split('\n')[0]
      ?.trim() || null
  );
}

/** One that is under review or was rejected does not suppress. */
function isSuppressed(result: Fields): boolean {
  const all = list(result.suppressions).map(fields);
  return all.length > 0 && all.every((one) => one.status === undefined || one.status === 'accepted');
}

function failureOf(invocation: Fields): string | null {
  const told = [...list(invocation.toolExecutionNotifications), ...list(invocation.toolConfigurationNotifications)];
  const errors = told.map(fields).filter((one) => one.level === 'error');
  const words = errors.map((one) => textOf(fields(one.message).text)).filter((one) => one !== null);
  return words.slice(0, 3).join(' | ') || textOf(invocation.exitCodeDescription);
}

import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const severities: Readonly<Record<string, Severity>> = {
  blocker: 'error',
  critical: 'error',
  major: 'error',
  minor: 'warn',
  info: 'info',
  high: 'error',
  medium: 'warn',
  low: 'info',
};

/** SonarQube's generic issues; the old form names the engine in each issue, the new one in a list of rules. */
export const sonarIssues: Parser = {
  name: 'sonar-issues',
  tool: 'sonar',
  recipes: ['lint'],
  results: true,
  json: {
    is: (value) => {
      if (!isFields(value) || !Array.isArray(value.issues)) return false;
      if (value.issues.length === 0) return Object.keys(value).every((key) => key === 'issues' || key === 'rules');
      return listWith(value.issues, (one) => isFields(one.primaryLocation));
    },
    cut: ['"issues":', '"primaryLocation":'],
  },
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      documents += 1;
      const { issues, rules } = fields(value);
      const known = new Map(
        list(rules)
          .map(fields)
          .map((rule) => [textOf(rule.id) ?? '', rule]),
      );
      for (const issue of list(issues).map(fields)) report(issue, known.get(textOf(issue.ruleId) ?? '') ?? {});
    },
    end: () => documents > 0,
  };

  function report(issue: Fields, rule: Fields) {
    const { message, filePath, textRange } = fields(issue.primaryLocation);
    const { startLine, endLine, startColumn } = fields(textRange);
    const impact = fields(list(rule.impacts)[0]);
    const severity = textOf(issue.severity) ?? textOf(rule.severity) ?? textOf(impact.severity);
    const engine = textOf(issue.engineId) ?? textOf(rule.engineId);
    const column = numberOf(startColumn);
    run.report({
      kind: 'lint',
      severity: severities[severity?.toLowerCase() ?? ''] ?? 'warn',
      ...(engine === null ? {} : { tool: engine.toLowerCase() }),
      tool_severity: severity,
      code: textOf(issue.ruleId),
      message: textOf(message) ?? textOf(rule.name) ?? '',
      file: textOf(filePath),
      line: numberOf(startLine),
      // Sonar counts columns from 0.
      column: column === null ? null : column + 1,
      end_line: numberOf(endLine),
      raw: issue,
    });
  }
}

import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const severities: Readonly<Record<string, Severity>> = {
  info: 'info',
  minor: 'warn',
  major: 'error',
  critical: 'error',
  blocker: 'error',
};

/** Code Climate's issues, which GitLab calls a code quality report. Linters write them, and say not who they are. */
export const codeclimate: Parser = {
  name: 'codeclimate',
  recipes: ['lint'],
  results: true,
  quiet: true,
  json: {
    is: (value) => listWith(value, isIssue),
    cut: ['"check_name":', '"location":'],
    elements: true,
  },
  start,
};

function isIssue(item: Fields): boolean {
  const named = 'check_name' in item || ('fingerprint' in item && 'severity' in item);
  return named && 'path' in fields(item.location);
}

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      documents += 1;
      for (const issue of list(value).map(fields)) {
        const { path, lines, positions } = fields(issue.location);
        const [begin, end] = [fields(positions).begin, fields(positions).end].map(fields);
        const [from, to] = [fields(lines).begin, fields(lines).end];
        const code = textOf(issue.check_name);
        const said = textOf(issue.description) ?? '';
        run.report({
          kind: 'lint',
          severity: severities[textOf(issue.severity) ?? ''] ?? 'warn',
          tool_severity: textOf(issue.severity),
          code,
          // Some writers begin what they say with the name of the rule.
          message: code !== null && said.startsWith(`${code}: `) ? said.slice(code.length + 2) : said,
          file: textOf(path),
          line: numberOf(begin?.line) ?? numberOf(from),
          column: numberOf(begin?.column),
          end_line: numberOf(end?.line) ?? numberOf(to),
          raw: issue,
        });
      }
    },
    end: () => documents > 0,
  };
}

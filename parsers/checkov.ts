import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';

const severities: Readonly<Record<string, Severity>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warn',
  LOW: 'info',
  INFO: 'info',
};
const check = /^Check: ((?:CKV|CKV2|BC)_\w{2,40}): "(.*)"$/;
const file = /^\s{0,8}File: \/?(\S.{0,1000}?):(\d{1,7})-(\d{1,7})$/;
const sums =
  /^Passed checks: \d{1,9}, Failed checks: (\d{1,9}), Skipped checks: \d{1,9}(?:, Parsing errors: (\d{1,9}))?$/;

type Open = { code: string; words: string; failed: boolean; resource: string };

/** `checkov` as JSON, one document a framework or a list of them, and as it prints for people. */
export const checkov: Parser = {
  name: 'checkov',
  recipes: ['audit', 'lint'],
  json: {
    is: (value) => (Array.isArray(value) ? value.some(isReport) : isReport(value)),
    cut: ['"check_type":', '"results":'],
  },
  cues: [
    'Check: CKV',
    'Check: BC_',
    'FAILED for resource: ',
    'PASSED for resource: ',
    'File: ',
    'Passed checks: ',
    'Error parsing file',
    'checkov: error: ',
  ],
  start,
};

function isReport(value: unknown): boolean {
  return isFields(value) && ('checkov_version' in value || ('check_type' in value && isFields(value.results)));
}

function start(run: Run): Machine {
  let documents = 0;
  let failed = 0;
  let summed = false;
  let expected = 0;
  let unread = false;
  let open: Open | null = null;
  return {
    json(value) {
      documents += 1;
      for (const one of (Array.isArray(value) ? value : [value]).map(fields)) {
        const { failed_checks, parsing_errors } = fields(one.results);
        unread ||= list(parsing_errors).length > 0 || (numberOf(one.parsing_errors) ?? 0) > 0;
        for (const path of list(parsing_errors)) {
          if (typeof path === 'string')
            run.report({
              kind: 'lint',
              severity: 'error',
              code: 'parsing_error',
              file: path,
              message: 'cannot be parsed',
              raw: path,
            });
        }
        for (const item of list(failed_checks).map(fields)) structured(item);
      }
    },
    line(line) {
      const head = check.exec(line);
      if (head !== null) {
        open = { code: head[1] ?? '', words: head[2] ?? '', failed: false, resource: '' };
        return 'yes';
      }
      const result = /^\s{0,8}(FAILED|PASSED|SKIPPED) for resource: (.{0,500})$/.exec(line);
      if (result !== null && open !== null) {
        open.failed = result[1] === 'FAILED';
        open.resource = result[2] ?? '';
        return 'yes';
      }
      const at = open === null ? null : file.exec(line);
      if (at !== null && open !== null) {
        const { code, words, resource, failed: isFailed } = open;
        open = null;
        if (!isFailed) return 'yes';
        failed += 1;
        run.report({
          kind: 'lint',
          severity: 'warn',
          code,
          file: at[1] ?? null,
          line: Number(at[2]),
          end_line: Number(at[3]),
          message: `${resource}: ${words}`,
          raw: `${code}: ${words}\n${resource}\n${line.trim()}`,
        });
        return 'yes';
      }
      const sum = sums.exec(line);
      if (sum !== null) {
        summed = true;
        expected += Number(sum[1]);
        unread ||= Number(sum[2] ?? 0) > 0;
        run.saw();
        return 'yes';
      }
      if (!/^(?:checkov: error: |Error parsing file)/.test(line) || !run.runs()) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !unread && (documents > 0 || (summed && failed >= expected)),
  };

  function structured(item: Fields) {
    const [from, to] = list(item.file_line_range);
    const absolute = textOf(item.file_abs_path);
    const path =
      absolute !== null && run.isInside(absolute) ? absolute : (textOf(item.file_path) ?? '').replace(/^\//, '');
    const words = textOf(item.check_name) ?? '';
    const resource = textOf(item.resource);
    const severity = textOf(item.severity);
    run.report({
      kind: 'lint',
      severity: severities[severity ?? ''] ?? 'warn',
      tool_severity: severity,
      code: textOf(item.check_id),
      file: path || null,
      line: numberOf(from),
      end_line: numberOf(to),
      message: resource === null ? words : `${resource}: ${words}`,
      url: textOf(item.guideline),
      raw: { ...item, code_block: undefined },
    });
  }
}

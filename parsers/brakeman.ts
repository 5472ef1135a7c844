import type { Machine, Parser, Run } from './define.ts';
import { fields, isFields, list, listWith, numberOf, textOf, wordOf } from './engine/json-value.ts';

/** Brakeman has a confidence and no severity. */
const severities: Record<string, 'error' | 'warn' | 'info'> = { High: 'error', Medium: 'warn', Weak: 'info' };

/** `brakeman -f json`. */
export const brakeman: Parser = {
  name: 'brakeman',
  recipes: ['lint', 'audit'],
  json: {
    is: (value) =>
      isFields(value) &&
      (isFields(value.scan_info)
        ? Array.isArray(value.warnings)
        : listWith(value.warnings, (item) => 'warning_type' in item || 'warning_code' in item)),
    cut: ['"scan_info":', '"app_path":'],
  },
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      documents += 1;
      const { warnings, errors } = fields(value);
      for (const item of list(warnings).map(fields)) {
        const confidence = textOf(item.confidence) ?? '';
        run.report({
          kind: 'lint',
          severity: severities[confidence] ?? 'warn',
          tool_severity: confidence,
          code: textOf(item.warning_type) ?? textOf(item.check_name),
          tool_code: textOf(item.warning_type) ?? wordOf(item.warning_code),
          file: textOf(item.file),
          line: numberOf(item.line),
          message: textOf(item.message) ?? '',
          url: textOf(item.link),
          raw: item,
        });
      }
      for (const item of list(errors).map(fields)) {
        run.crashed([textOf(item.error), textOf(item.location)].filter((part) => part !== null).join(': '));
      }
    },
    // 3: with warnings.
    end: () => documents > 0,
  };
}

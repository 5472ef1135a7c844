import type { Observation } from '../../events/finding.ts';

/** What a linter says of a line. */
export const lintReport = (tool: string, file: string, line: number, code: string): Observation => ({
  ...{ kind: 'lint', severity: 'warn', tool, tool_severity: null, tool_code: null, file, line, code },
  ...{ column: null, end_line: null, message: code, suggested_fix: null, fingerprint: '0123456789abcdef' },
  ...{ package: null, installed_version: null, fixed_version: null, aliases: [], url: null, edits: [], raw_json: '{}' },
});

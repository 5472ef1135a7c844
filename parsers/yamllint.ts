import type { Machine, Parser, Run } from './define.ts';

const severities = { error: 'error', warning: 'warn' } as const;
const parsable = /^(\S.{0,1023}?):(\d{1,7}):(\d{1,7}): \[(error|warning)\] (.*) \(([a-z][a-z-]{1,60})\)$/;
const row = /^ {2}(\d{1,7}):(\d{1,7}) {1,20}(error|warning) {2,20}(.*?) {1,2}\(([a-z][a-z-]{1,60})\)$/;
/** The places where yamllint's own stack says that it could not begin. */
const failure =
  /^(?:invalid config|yamllint\.config\.YamlLintConfigError|YamlLintConfigError|FileNotFoundError|PermissionError): /;

/** `yamllint`: its `parsable` and `standard` text. Problems of the syntax hide what else is wrong with a file. */
export const yamllint: Parser = {
  name: 'yamllint',
  recipes: ['lint'],
  quiet: true,
  cues: [': [error] ', ': [warning] ', ' error  ', ' warning  ', 'invalid config: ', 'ConfigError: ', 'Error: '],
  start,
};

function start(run: Run): Machine {
  let found = 0;
  let unread = false;
  let file: string | null = null;
  return {
    line(line, _stream, previous) {
      const at = parsable.exec(line);
      if (at !== null) {
        report(at[1] ?? null, at.slice(2), line);
        return 'yes';
      }
      const below = row.exec(line);
      if (below !== null) {
        if (file === null && !/^\s/.test(previous)) file = previous || null;
        if (file === null) return 'no';
        report(file, below.slice(1), line);
        return 'more';
      }
      file = null;
      if (!run.runs() || !failure.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => found > 0 && !unread && run.alone(),
  };

  function report(path: string | null, parts: readonly (string | undefined)[], raw: string) {
    const [line, column, severity = '', message = '', rule = ''] = parts;
    found += 1;
    unread ||= rule === 'syntax';
    run.report({
      kind: 'lint',
      severity: severities[severity as keyof typeof severities] ?? 'warn',
      tool_severity: severity,
      code: rule,
      file: path,
      line: Number(line),
      column: Number(column),
      message,
      raw,
    });
  }
}

import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';

/** `%m at line %l, column %c.  %e.  (Severity: %s)`, with the file where there are several, or the policy. */
const usual =
  /^(?:(\S[^:]{0,1023}): )?(?:\[([\w:]{3,120})\] )?(\S.{0,1000}?) at line (\d{1,7}), (?:column (\d{1,7})\.|near '.{0,300}?'\.) {0,2}(.{0,500}?) {0,2}\(Severity: ([1-5])\)$/;
/** `%f:%l:%c:%m`, and with `(%p, severity %s)` behind it. */
const colons =
  /^(\S[^:]{0,1023}\.(?:pl|pm|t|PL|psgi|cgi)):(\d{1,7}):(\d{1,7}): ?(\S.{0,1000}?)(?: \(([\w:]{3,120}), severity ([1-5])\))?$/;
const severities: Readonly<Record<string, Severity>> = { 5: 'error', 4: 'warn', 3: 'warn', 2: 'info', 1: 'info' };

/** `perlcritic`. The rule is its policy, where the format names it, else what it says, which is the same for all places. */
export const perlcritic: Parser = {
  name: 'perlcritic',
  recipes: ['lint'],
  quiet: true,
  cues: [
    '(Severity: ',
    ', severity ',
    '.pl:',
    '.pm:',
    '.t:',
    ' source OK',
    ' is not one of the valid severity',
    'policy installed',
    'No such file',
    'Problem while critiquing',
  ],
  start,
};

function start(run: Run): Machine {
  const mine = run.runs();
  /** With one file its name is not printed. */
  const only = /\s([\w./-]{1,500}\.(?:pl|pm|t))\s*$/.exec(run.context.command)?.[1] ?? null;
  let found = 0;
  let fine = 0;
  let placeless = false;
  return {
    line(line) {
      const at = line.endsWith(')') ? usual.exec(line) : null;
      if (at !== null) {
        const [, file = only, policy, words = '', row, column, more = '', level = ''] = at;
        report(file, Number(row), column, words, policy, level, line, more);
        return 'yes';
      }
      const short = colons.exec(line);
      if (short !== null && (mine || short[5] !== undefined)) {
        const [, file = null, row, column, words = '', policy, level = ''] = short;
        report(file, Number(row), column, words, policy, level, line, '');
        return 'yes';
      }
      if (/^\S.{0,1000} source OK$/.test(line)) {
        fine += 1;
        run.saw();
        return 'yes';
      }
      if (!mine) return 'no';
      if (
        !/^(?:The value for the global |There is no |No such file or directory: |Problem while critiquing )/.test(line)
      )
        return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !placeless && found + fine > 0 && run.alone(),
  };

  function report(
    file: string | null,
    line: number,
    column: string | undefined,
    words: string,
    policy: string | undefined,
    level: string,
    raw: string,
    more: string,
  ) {
    found += 1;
    // Without its file a finding falls together with its like in another.
    placeless ||= file === null;
    run.report({
      kind: 'lint',
      severity: severities[level] ?? 'warn',
      tool_severity: level || null,
      code: policy ?? words,
      tool_code: policy ?? null,
      file,
      line,
      column: column === undefined ? null : Number(column),
      message: more === '' ? words : `${words}. ${more}`,
      raw,
    });
  }
}

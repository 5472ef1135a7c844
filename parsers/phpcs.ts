import type { Draft, Machine, Parser, Run } from './define.ts';
import { fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';

const row = /^ {0,8}(\d{1,7}) \| (ERROR|WARNING) {0,3}\| (?:\[([x ])\] )?(\S.{0,2000})$/;
const more = /^ {1,9}\| {5,9}\| {1,6}(\S.{0,2000})$/;
const sniff = / \(([A-Z]\w{1,60}(?:\.\w{1,100}){2,3})\)$/;
const emacs = /^(\S.{0,1023}?):(\d{1,7}):(\d{1,7}): (error|warning) - (.*)$/;

/** `phpcs` (PHP_CodeSniffer), as JSON, its full report and `emacs`. */
export const phpcs: Parser = {
  name: 'phpcs',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) => isFields(value) && isFields(value.totals) && 'fixable' in value.totals && 'files' in value,
    cut: ['"totals":', '"fixable":'],
  },
  cues: ['FILE: ', ': error - ', ': warning - ', 'Time: '],
  start,
};

function start(run: Run): Machine {
  let ended = false;
  let announced = 0;
  let told = 0;
  /** Those of the report for editors, which ends without a sum. */
  let lines = 0;
  let file: string | null = null;
  let open: Draft | null = null;
  const close = () => {
    const own = open;
    open = null;
    if (own === null) return;
    told += 1;
    const code = sniff.exec(own.message)?.[1];
    run.report(code === undefined ? own : { ...own, code, message: own.message.slice(0, -code.length - 3) });
  };
  return {
    json(value) {
      ended = true;
      for (const [path, { messages }] of Object.entries(fields(fields(value).files)).map(
        ([at, one]) => [at, fields(one)] as const,
      )) {
        for (const item of list(messages).map(fields)) {
          run.report({
            ...lint(textOf(item.type) ?? '', item.fixable === true),
            code: textOf(item.source),
            file: path,
            line: numberOf(item.line),
            column: numberOf(item.column),
            message: textOf(item.message) ?? '',
            raw: item,
          });
        }
      }
    },
    line(line) {
      const header = /^FILE: (\S.{0,1023})$/.exec(line)?.[1];
      if (header !== undefined) {
        close();
        file = header;
        return 'more';
      }
      const at = emacs.exec(line);
      if (at !== null) {
        const place = { file: at[1] ?? null, line: Number(at[2]), column: Number(at[3]), message: at[5] ?? '' };
        lines += 1;
        run.report({ ...lint((at[4] ?? '').toUpperCase(), false), ...place, raw: line });
        return 'yes';
      }
      if (/^Time: [\d.]{1,20} ?(?:ms|secs|mins).{0,40}; Memory: /.test(line)) {
        ended = true;
        run.saw();
        return 'yes';
      }
      if (file === null) return 'no';
      const cells = row.exec(line);
      if (cells !== null) {
        close();
        const place = { file, line: Number(cells[1]), message: (cells[4] ?? '').trimEnd() };
        open = { ...lint(cells[2] ?? '', cells[3] === 'x'), ...place, raw: line };
        return 'more';
      }
      const words = more.exec(line)?.[1];
      if (words !== undefined && open !== null) {
        open.message = `${open.message} ${words.trimEnd()}`.slice(0, 20_000);
        return 'more';
      }
      close();
      const sum = /^FOUND (\d{1,9}) \w{1,10}(?: AND (\d{1,9}) WARNINGS?)? AFFECTING /.exec(line);
      if (sum !== null) announced += Number(sum[1]) + Number(sum[2] ?? 0);
      if (sum !== null || /^-{3,}$/.test(line)) return 'more';
      file = null;
      return 'no';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      const whole = (ended && announced === told) || (lines > 0 && told === 0 && run.alone());
      return whole;
    },
  };
}

function lint(type: string, fixable: boolean) {
  return {
    kind: 'lint',
    severity: type === 'ERROR' ? 'error' : 'warn',
    tool_severity: type,
    suggested_fix: fixable ? 'run phpcbf' : null,
  } as const;
}

import type { Draft, Machine, Parser, Run } from './define.ts';

const plain = /^(\S.{0,1023}?)\((\d{1,7}),(\d{1,7})\): (error|warning|message) (TS\d{3,6}): (.*)$/;
const pretty = /^(\S.{0,1023}?):(\d{1,7}):(\d{1,7}) - (error|warning|message) (TS\d{3,6}): (.*)$/;
const bare = /^(?:error|warning) (TS\d{3,6}): (.*)$/;
/** About the command line or the configuration: the compiler did not do its work. */
const configuration = /^TS(?:5\d{3}|6\d{3}|18\d{3})$/;
/** What is told of the syntax or of options: then types are not looked at, in no file. */
const early = /^TS(?:1|5|6)\d{3}$/;
/** Such codes that are told beside those of types: of modules, of `await`, of types that are imported. */
const late =
  /^TS1(?:192|202|203|208|259|261|286|287|288|295|308|309|323|324|343|361|362|375|378|470|471|479|484|485|541|542|543)$/;
const severities = { error: 'error', warning: 'warn', message: 'info' } as const;
const maxMore = 20;

/** `tsc` (and vue-tsc), plain and pretty. */
export const tsc: Parser = {
  name: 'tsc',
  recipes: ['lint', 'build'],
  quiet: true,
  cues: ['error TS', 'warning TS', 'message TS'],
  start,
};

function start(run: Run): Machine {
  let sawTypes = false;
  let open: Draft | null = null;
  let more: string[] = [];
  const flush = () => {
    if (open !== null) {
      const message = [open.message, ...more.map((line) => line.trim())].join(' ');
      run.report({ ...open, message, raw: [String(open.raw), ...more].join('\n') });
    }
    open = null;
    more = [];
  };
  return {
    line(line) {
      if (open !== null && /^ {2,}\S/.test(line)) {
        if (more.length < maxMore) more.push(line.slice(0, 1000));
        return 'more';
      }
      flush();
      const at = plain.exec(line) ?? pretty.exec(line);
      const global = at === null ? bare.exec(line) : null;
      if (global !== null && configuration.test(global[1] ?? '')) {
        run.crashed(`${global[1]}: ${global[2]}`);
        return 'yes';
      }
      if (at === null && global === null) return 'no';
      const code = at?.[5] ?? global?.[1] ?? '';
      sawTypes ||= !early.test(code) || late.test(code);
      const word = at?.[4] ?? 'error';
      open = {
        kind: 'lint',
        severity: severities[word as keyof typeof severities],
        tool_severity: word,
        code,
        file: at?.[1] ?? null,
        line: at === null ? null : Number(at[2]),
        column: at === null ? null : Number(at[3]),
        message: at?.[6] ?? global?.[2] ?? '',
        raw: line,
      };
      return 'more';
    },
    end(exit) {
      flush();
      return sawTypes && exit.exitCode !== 0;
    },
  };
}

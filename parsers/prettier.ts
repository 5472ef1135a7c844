import type { Machine, Parser, Run } from './define.ts';

/** What it formats, for the lists of `-l`. */
const kinds = 'js,cjs,mjs,jsx,ts,cts,mts,tsx,css,scss,less,json,jsonc,json5,md,mdx,html,vue,yml,yaml,graphql,hbs'.split(
  ',',
);
const listed = new RegExp(`^(?:[\\w.@+() -]{1,200}/){0,40}[\\w.@+() -]{1,200}\\.(?:${kinds.join('|')})$`);
const maxWaiting = 20_000;

/** `prettier --check`: files in another style, and those that cannot be parsed. */
export const prettier: Parser = {
  name: 'prettier',
  recipes: ['lint'],
  quiet: true,
  together: true,
  cues: [
    '[warn] ',
    '[error] ',
    'All matched files use Prettier',
    'Checking formatting...',
    'Error occurred when check',
    ...kinds.map((kind) => `.${kind}`),
  ],
  start,
};

function start(run: Run): Machine {
  let checking = run.runs();
  const lists = checking && /(?:^|\s)(?:-l|--list-different)(?:\s|$)/.test(run.context.command);
  let found = 0;
  let summed = false;
  let failed = false;
  /** Other tools print `[warn]` too: these count once prettier is known to have printed them. */
  let waiting: string[] = [];
  const style = () => {
    for (const file of waiting) {
      run.report({
        kind: 'lint',
        severity: 'error',
        tool_severity: 'warn',
        code: 'format',
        file,
        message: 'Code style differs from the one of Prettier',
        suggested_fix: 'run prettier --write',
        raw: `[warn] ${file}`,
      });
    }
    waiting = [];
  };
  const isSummary = (line: string) =>
    line === 'All matched files use Prettier code style!' ||
    /^\[warn\] Code style issues (?:found|fixed) in /.test(line);
  return {
    line(line) {
      if (line === 'Checking formatting...' || /^Error occurred when checking code style in /.test(line)) {
        checking = true;
        run.saw();
        return 'yes';
      }
      if (isSummary(line)) {
        checking = true;
        summed = true;
        run.saw();
        style();
        return 'yes';
      }
      const file = /^\[warn\] (\S.{0,1023})$/.exec(line)?.[1];
      if (file !== undefined) {
        // A note on an option is a sentence.
        if (!/[^.]\.$|^Ignored unknown option/.test(file) && waiting.length < maxWaiting) waiting.push(file);
        return checking ? 'yes' : 'no';
      }
      const broken = /^\[error\] (\S.{0,1023}?): (\w{1,60}Error: .{0,4000}) \((\d{1,7}):(\d{1,7})\)$/.exec(line);
      if (broken !== null) {
        run.report({
          kind: 'lint',
          severity: 'error',
          tool_severity: 'error',
          code: 'parse-error',
          tool_code: null,
          file: broken[1] ?? null,
          line: Number(broken[3]),
          column: Number(broken[4]),
          message: broken[2] ?? '',
          raw: line,
        });
        return 'yes';
      }
      const words = /^\[error\] ([A-Z]\w* .{0,4000})$/.exec(line)?.[1];
      if (words === undefined && lists && listed.test(line)) {
        waiting.push(line);
        found += 1;
        return 'yes';
      }
      if (words === undefined || !checking) return 'no';
      // The first sentence is the reason; excerpts and causes follow.
      if (!failed) run.crashed(words);
      failed = true;
      return 'yes';
    },
    end() {
      if (checking) style();
      const whole = summed || (found > 0 && run.alone());
      return whole && !failed;
    },
  };
}

import type { Parser } from './define.ts';
import { formatCheck } from './engine/format-check.ts';

/** The time that black writes behind a name. */
const dated = /^(.{1,1024})\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00$/;

/** `black --check` and `--diff`. */
export const black: Parser = {
  name: 'black',
  recipes: ['lint'],
  programs: ['black'],
  quiet: true,
  cues: ['would reformat ', '+++ ', '@@ -', ' would be ', 'error: cannot ', 'error: INTERNAL ', 'Error: Invalid value'],
  start: (run) =>
    formatCheck(run, {
      tool: 'black',
      diffOf(minus, plus) {
        const old = dated.exec(minus)?.[1];
        return old !== undefined && dated.exec(plus)?.[1] === old ? old : null;
      },
      listed: /^would reformat (\S.{0,1023})$/,
      sum: /^\d{1,7} files? would be (?:reformatted|left unchanged)(?:, \d{1,7} files? would be left unchanged)?\.$/,
      fault:
        /^error: cannot (?:format|parse):? (\S.{0,1023}?)(?:: Cannot parse[^:]{0,80})?:? ?(\d{1,7}):(\d{1,7})(?::(.*))?$/,
      crash: /^(?:error: (?:cannot|INTERNAL)|Error: Invalid value)/,
    }),
};

import type { Machine, Parser, Run } from './define.ts';
import { formatCheck } from './engine/format-check.ts';

const script = /\.(?:sh|bash|bats|ksh|mksh|zsh|dash)$/;
const listed = /^([\w./@+-]{1,1000}\.(?:sh|bash|bats|ksh|mksh|zsh|dash))$/;
const syntax = /^(\S[^:]{0,1000}):(\d{1,7}):(\d{1,7}): (?!(?:error|warning|note|info|style)\b)(\S.*)$/;

/** `shfmt -d` and `-l`: one finding a hunk, with the lines that shfmt would write as a safe edit. */
export const shfmt: Parser = {
  name: 'shfmt',
  recipes: ['lint'],
  quiet: true,
  cues: ['--- ', '+++ ', '@@ -', '.sh', '.bash', '.bats'],
  start,
};

function start(run: Run): Machine {
  const mine = run.runs();
  const lists = mine && /(?:^|\s)(?:-\w*l\w*|--list)(?:\s|=|$)/.test(run.context.command);
  const inner = formatCheck(run, {
    tool: 'shfmt',
    diffOf(minus, plus) {
      const target = /^(\S.{0,1000}?)(?:\t.*)?$/.exec(plus)?.[1];
      const named = /^(\S.{0,1000}?)\.orig(?:\t.*)?$/.exec(minus)?.[1];
      return target !== undefined && named === target && (mine || script.test(target)) && !target.endsWith('.go')
        ? target
        : null;
    },
    ...(lists ? { bare: listed } : {}),
    fault: syntax,
  });
  return {
    ...inner,
    // A list may name files that do not look like scripts; an exit code of 0 says nothing beside it.
    end(exit) {
      const proved = inner.end(exit);
      if (lists) run.saw();
      return proved && !lists;
    },
  };
}

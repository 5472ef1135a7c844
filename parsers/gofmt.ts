import type { Parser } from './define.ts';
import { formatCheck } from './engine/format-check.ts';

/** `gofmt -l` and `-d`, which older versions end with 0 whatever they found; `goimports` and `gofumpt` print the same. */
export const gofmt: Parser = {
  name: 'gofmt',
  recipes: ['lint'],
  quiet: true,
  cues: ['+++ ', '@@ -', '.go'],
  start: (run) =>
    formatCheck(run, {
      tool: 'gofmt',
      diffOf(minus, plus) {
        const name = /^(.{1,1024}\.go)(?:\t.{1,60})?$/.exec(plus)?.[1] ?? null;
        return name !== null && minus.startsWith(`${name}.orig`) ? name : null;
      },
      bare: /^((?:[\w.@+-]{1,200}\/){0,40}[\w.@+-]{1,200}\.go)$/,
      fault: /^(\S[^:]{0,1023}\.go):(\d{1,7}):(\d{1,7}): (\S.*)$/,
    }),
};

import type { Parser } from './define.ts';
import { formatCheck } from './engine/format-check.ts';

const before = /^(.{1,1024}):before(?:\t.{1,60})?$/;

/** `isort --check-only` and `--diff`. */
export const isort: Parser = {
  name: 'isort',
  recipes: ['lint'],
  quiet: true,
  cues: [' Imports are incorrectly sorted', '+++ ', '@@ -', 'isort.exceptions.', 'Broken ', 'ERROR: '],
  start: (run) =>
    formatCheck(run, {
      tool: 'isort',
      diffOf: (minus, plus) => (/:after(?:\t|$)/.test(plus) ? (before.exec(minus)?.[1] ?? null) : null),
      listed: /^ERROR: (\S.{0,1023}?) Imports are incorrectly sorted(?: and\/or formatted)?\.$/,
      // A path that is not there was not looked at.
      crash: /^(?:isort\.exceptions\.|Broken \d{1,7} paths?$)/,
    }),
};

import { styleText } from 'node:util';
import type { Cli } from '../define.ts';

export type Style = Parameters<typeof styleText>[0];

/** Colours a text where colours are wanted; an empty style leaves it. */
export function paint({ terminal }: Pick<Cli, 'terminal'>, style: Style | null, text: string): string {
  return style === null || !terminal.colour ? text : styleText(style, text, { validateStream: false });
}

const styles: Readonly<Record<string, Style>> = {
  critical: ['red', 'bold'],
  high: 'red',
  error: 'red',
  medium: 'yellow',
  warn: 'yellow',
  low: 'cyan',
  info: 'gray',
  succeeded: 'green',
  merged: 'green',
  pr_opened: 'green',
  proven: 'green',
  failed: 'red',
  refused: 'red',
  declined: 'red',
  apply_failed: 'red',
  verify_failed: 'red',
  cancelled: 'yellow',
  abandoned: 'yellow',
  running: 'cyan',
  parsing: 'cyan',
  verifying: 'cyan',
  queued: 'gray',
  resolved: 'green',
  suppressed: 'gray',
  unwatched: 'gray',
};

/** The style of a word that says how bad or how far something is; null for any other. */
export function styleOf(word: string): Style | null {
  return Object.hasOwn(styles, word) ? (styles[word] ?? null) : null;
}

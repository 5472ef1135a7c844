import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { paint, type Style } from './paint.ts';

/** One column: what of a row stands in it, and the style of that word. */
export type Column<T> = {
  readonly head: string;
  readonly of: (row: T) => string | number | null | undefined;
  readonly style?: (text: string, row: T) => Style | null;
  /** A column that may be cut to this many characters when the terminal is narrow; the others are shown whole. */
  readonly shrinksTo?: number;
  /** Left out when the terminal is too narrow even then. */
  readonly isExtra?: boolean;
};

const gap = 2;

/** Rows under their heads. On a terminal the lines are as wide as it at most; elsewhere nothing is cut. */
export function fitTable<T>(cli: Pick<Cli, 'terminal'>, columns: readonly Column<T>[], rows: readonly T[]): string {
  const room = cli.terminal.isTTY ? cli.terminal.columns : Number.POSITIVE_INFINITY;
  return fitLines(cli, columns, rows, room).join('\n');
}

/** The heads and then a line for each row, each at most `room` columns of a terminal wide as far as the columns can give. */
export function fitLines<T>(
  cli: Pick<Cli, 'terminal'>,
  columns: readonly Column<T>[],
  rows: readonly T[],
  room: number,
): string[] {
  const cells = rows.map((row) => columns.map(({ of }) => printable(String(of(row) ?? '')).trimEnd()));
  const heads = columns.map(({ head }) => head);
  const natural = columns.map((_, at) =>
    [heads, ...cells].reduce((widest, line) => Math.max(widest, widthOf(line[at] ?? '')), 0),
  );
  const widths = fitted(columns, natural, room);
  const extra = columns.findLast(({ isExtra }) => isExtra);
  if (extra && totalOf(widths) > room) {
    const others = columns.filter((one) => one !== extra);
    return fitLines(cli, others, rows, room);
  }
  const line = (texts: readonly string[], style: (text: string, at: number) => Style | null) =>
    texts
      .map((text, at) => {
        const shown = cut(text, widths[at] ?? 0);
        const fill = ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(shown)));
        const painted = shown === '' ? '' : paint(cli, style(text, at), shown);
        return at === texts.length - 1 ? painted : `${painted}${fill}`;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    line(heads, () => 'bold'),
    ...cells.map((texts, row) => line(texts, (text, at) => columns[at]?.style?.(text, rows[row] as T) ?? null)),
  ];
}

/** Columns under a rule, each as wide as its cells and no wider than its limit: for reports that are read again later. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  limits: readonly number[],
): string {
  const widthAt = (at: number) => Math.max(1, ...[head, ...rows].map((row) => widthOf(row[at] ?? '')));
  const widths = head.map((_, at) => Math.min(widthAt(at), limits[at] ?? 40));
  const cell = (text: string, at: number) => {
    const shown = cut(text, widths[at] ?? 0);
    return `${shown}${' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(shown)))}`;
  };
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows].map((row) => row.map(cell).join(' '.repeat(gap)).trimEnd()).join('\n');
}

/** Takes from the widest column that can give until the line fits, or until none can give any more. */
function fitted<T>(columns: readonly Column<T>[], natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  const canGive = (at: number) => (widths[at] ?? 0) > (columns[at]?.shrinksTo ?? Number.POSITIVE_INFINITY);
  while (totalOf(widths) > room) {
    const givers = widths.map((_, at) => at).filter(canGive);
    const widest = givers.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** Columns of a terminal that a line of such cells takes. */
function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, gap * (widths.length - 1));
}

/** Cuts a text to so many columns of a terminal; an ellipsis says that something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let shown = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    shown += segment;
  }
  return width < 1 ? '' : `${shown}…`;
}

/** The same from the other side: of a path the end says most. */
export function cutStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const segments = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  let used = 1;
  const kept = segments.toReversed().findIndex((segment) => {
    used += widthOf(segment);
    return used > width;
  });
  return width < 1 ? '' : `…${segments.slice(segments.length - kept).join('')}`;
}

/** Columns of a terminal that a text takes: two for wide scripts and pictures, none for marks on other letters. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (/^\p{M}/u.test(segment)) continue;
    width += wide.test(segment) ? 2 : 1;
  }
  return width;
}

const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u;

import type { Cli } from '../define.ts';
import { cut, widthOf } from '../print/fit-table.ts';
import { paint } from '../print/paint.ts';
import type { StatusLook } from './status-document.ts';
import { headOf, lineOf, type Section, sectionsOf } from './status-sections.ts';

type Window = Pick<Cli, 'terminal'>;

/** From this width on the screen has two halves. */
const twoHalves = 140;

/** The screen as lines: never more than the window has, none wider than it. */
export function frameOf(look: StatusLook, size: { columns: number; rows: number }, cli: Window): string[] {
  const { columns, rows } = size;
  const head = headOf(look, columns, cli).slice(0, Math.max(1, rows - 1));
  const room = rows - head.length;
  const { left, right } = sectionsOf(look.status);
  if (columns < twoHalves) return [...head, ...stacked([...left, ...right], { columns, rows: room }, cli)];
  const half = Math.floor((columns - 3) / 2);
  const [one, other] = [left, right].map((part) => stacked(part, { columns: half, rows: room }, cli));
  const beside = Array.from({ length: Math.max(one?.length ?? 0, other?.length ?? 0) }, (_, at) => {
    const text = one?.[at] ?? '';
    const fill = ' '.repeat(Math.max(0, half - shownWidth(text)));
    return `${text}${fill}   ${other?.[at] ?? ''}`.trimEnd();
  });
  return [...head, ...beside];
}

/** The whole of it, as one long page: for a pipe, or a look that does not stay. */
export function pageOf(look: StatusLook, columns: number, cli: Window): string[] {
  const { left, right } = sectionsOf(look.status);
  const head = headOf(look, columns, cli);
  return [...head, ...stacked([...left, ...right], { columns, rows: Number.POSITIVE_INFINITY }, cli)];
}

/** Sections below each other. Each gets lines in turn until the room is used up, so that none is pushed out by another. */
function stacked(
  sections: readonly Section[],
  { columns, rows }: { columns: number; rows: number },
  cli: Window,
): string[] {
  const given = sections.map(() => 0);
  const spaced = rows >= sections.length * 5;
  let left = rows - sections.length * (spaced ? 2 : 1);
  for (let gave = true; gave && left > 0; ) {
    gave = false;
    for (const [at, { rows: all }] of sections.entries()) {
      if (left <= 0 || (given[at] ?? 0) >= Math.max(1, all.length)) continue;
      given[at] = (given[at] ?? 0) + 1;
      left -= 1;
      gave = true;
    }
  }
  return sections
    .flatMap((section, at) => [...(spaced ? [''] : []), ...linesOf(section, given[at] ?? 0, columns, cli)])
    .slice(0, Math.max(0, rows));
}

function linesOf({ title, empty, rows }: Section, given: number, columns: number, cli: Window): string[] {
  const hidden = rows.length - given;
  const more = hidden > 0 && rows.length > 0 ? ` (${hidden} more)` : '';
  const head = paint(cli, ['bold', 'underline'], cut(title + more, columns));
  if (rows.length === 0) return given > 0 ? [head, cut(`  ${empty}`, columns)] : [head];
  return [head, ...rows.slice(0, given).map((cells) => `  ${lineOf(cells, columns - 2, cli)}`)];
}

/** The width of a line that may be painted. */
function shownWidth(text: string): number {
  return widthOf(text.replace(/\x1b\[[\d;]*m/g, ''));
}

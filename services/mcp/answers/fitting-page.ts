import { bytesOf, roomForRows } from './answer-size.ts';

type Page<T> = { readonly items: readonly T[]; readonly next_cursor: string | null };
type Shown<T> = { readonly rowOf: (item: T) => object; readonly lineOf: (item: T) => string };

type FittingPage = { readonly rows: object[]; readonly lines: string[]; readonly next_cursor: string | null };

/** Reads a page; where it has no room in an answer, again with fewer rows, so that its cursor is that of the last row shown. */
export async function fittingPage<T>(
  read: (limit: number) => Promise<Page<T>>,
  limit: number,
  { rowOf, lineOf }: Shown<T>,
): Promise<FittingPage> {
  for (let wanted = limit; ; ) {
    const { items, next_cursor } = await read(wanted);
    const rows: object[] = [];
    const lines: string[] = [];
    let left = roomForRows;
    for (const item of items) {
      const [row, line] = [rowOf(item), lineOf(item)];
      left -= bytesOf(row) + bytesOf(line);
      if (left < 0 && rows.length > 0) break;
      rows.push(row);
      lines.push(line);
    }
    if (rows.length === items.length) return { rows, lines, next_cursor };
    wanted = rows.length;
  }
}

/** What was left out of a list, and how to get it. */
export function restOf({ rows, next_cursor }: FittingPage, limit: number): string {
  if (next_cursor === null) return '';
  const cut = rows.length < limit ? ` (cut from ${limit}: no more fit into one answer)` : '';
  return ` There are more${cut}: call again with cursor ${JSON.stringify(next_cursor)}.`;
}

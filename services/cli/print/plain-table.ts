import Table from 'cli-table3';

const edges = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
];
const chars = { ...Object.fromEntries(edges.map((edge) => [edge, ''])), middle: '  ' };

/** Columns without lines around them: they read well in every terminal and survive being copied. Long cells are cut. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  limits: readonly number[],
): string {
  const widthOf = (index: number) => Math.max(1, ...[head, ...rows].map((row) => (row[index] ?? '').length));
  const colWidths = head.map((_, index) => Math.min(widthOf(index), limits[index] ?? 40));
  const table = new Table({ chars, colWidths, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  table.push(
    [...head],
    head.map((_, index) => '-'.repeat(colWidths[index] ?? 1)),
    ...rows.map((row) => [...row]),
  );
  return table.toString().replace(/[ \t]+$/gm, '');
}

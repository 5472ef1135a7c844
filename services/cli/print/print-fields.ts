import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { widthOf } from './fit-table.ts';
import { paint } from './paint.ts';

type Field = readonly [name: string, value: string | number | null | undefined];

/** Names and values of one thing, a line each; what has no value is left out. */
export function printFields(cli: Pick<Cli, 'print' | 'terminal'>, fields: readonly Field[]): void {
  const shown = fields.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...shown.map(([name]) => widthOf(name)));
  for (const [name, value] of shown)
    cli.print(`${paint(cli, 'bold', name)}${' '.repeat(width - widthOf(name))}  ${printable(String(value))}`);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { PriceTable } from '../rules/price-table.ts';

const ownFile = join(import.meta.dirname, 'prices.json');

/** Reads a file of prices; the one that comes with the farm for null. Throws AppError('misconfigured') that names the place. */
export function readPrices(file: string | null): PriceTable {
  const at = file ?? ownFile;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(at, 'utf8'));
  } catch (cause) {
    throw new AppError('misconfigured', `CRAFTING_PRICES: ${at} cannot be read: ${messageOf(cause)}.`, { cause });
  }
  if (Value.Check(PriceTable, value)) return value;
  const [fault] = Value.Errors(PriceTable, value);
  throw new AppError('misconfigured', `CRAFTING_PRICES: ${at}: ${fault?.path || 'the whole'}: ${fault?.message}.`);
}

import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { Cli } from '../define.ts';

/** A JSON document out of a file, or out of standard input for `-`. Throws AppError('invalid') that names the file. */
export async function jsonFrom(file: string, { input }: Pick<Cli, 'input'>): Promise<unknown> {
  const text = file === '-' ? await input.all() : await textOf(file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const where = file === '-' ? 'Standard input' : file;
    throw new AppError('invalid', `${where} is not JSON: ${messageOf(cause)}.`, { cause });
  }
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new AppError('invalid', `${file} cannot be read: ${messageOf(cause)}.`, { cause });
  });
}

import { readFile, writeFile } from 'node:fs/promises';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { LocalFinding } from '../local/run-recipe-here.ts';

/** The file that is looked for in the root of a checkout. */
export const usualBaseline = '.crafting-table-baseline.json';

const remedy = 'Restore it from git, or delete it and write it anew with --update-baseline.';

const Known = Type.Object({
  /** As a farm names the finding: it stays when lines move. */
  identity: Type.String({ maxLength: 512 }),
  file: Type.Union([Type.String({ maxLength: 4096 }), Type.Null()]),
  tool: Type.String({ maxLength: 256 }),
  code: Type.Union([Type.String({ maxLength: 1024 }), Type.Null()]),
});
const Baseline = Type.Object({ version: Type.Literal(1), findings: Type.Array(Known) });

/** The identities of what is known and fails nothing; null when there is no such file. Throws AppError('invalid'). */
export async function readBaseline(path: string): Promise<Set<string> | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new AppError('invalid', `The baseline ${path} cannot be read: ${error.message}.`, { cause: error });
  });
  if (text === null) return null;
  const value = parsed(text, path);
  const fault = Value.Errors(Baseline, value).First();
  if (fault || !Value.Check(Baseline, value))
    throw new AppError(
      'invalid',
      `The baseline ${path}: ${fault?.path || 'the whole'}: ${fault?.message ?? 'is none'}. ${remedy}`,
    );
  return new Set(value.findings.map(({ identity }) => identity));
}

/**
 * Writes down what is known now, a finding a line and in a fixed order, so that a review shows what came and went. No
 * message is kept: it may quote what no repository should hold. That a recipe failed is never known.
 */
export async function writeBaseline(path: string, findings: readonly LocalFinding[]): Promise<number> {
  const known = findings
    .filter(({ kind }) => kind !== 'recipe_fail')
    .map(({ identity, file, tool, code }) =>
      JSON.stringify({ identity, file, tool, code: code?.slice(0, 1024) ?? null }),
    );
  const lines = [...new Set(known)].sort();
  await writeFile(path, `{"version":1,"findings":[\n${lines.join(',\n')}\n]}\n`).catch((cause) => {
    throw new AppError('invalid', `The baseline ${path} cannot be written: ${messageOf(cause)}.`, { cause });
  });
  return lines.length;
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid', `The baseline ${path} is not JSON: ${messageOf(cause)}. ${remedy}`, { cause });
  }
}

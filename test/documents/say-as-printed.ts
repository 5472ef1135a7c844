import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { say } from '../services/cli/captured-cli.ts';
import { commandLines } from './command-lines.ts';

const root = resolve(import.meta.dirname, '..', '..');

/**
 * Runs a command line as a page prints it, with the names of this farm in place of those of the page: the one in a
 * block that is `verb`, or the first one that begins so. Fails where the page has none or the command does not end with 0; answers what it printed.
 */
export async function sayAsPrinted(
  {
    page,
    farm,
    names,
  }: { page: string; farm: { url: string; admin: string }; names: Readonly<Record<string, string>> },
  verb: string,
): Promise<string> {
  const lines = commandLines(page, readFileSync(join(root, page), 'utf8')).filter(({ whole }) => whole);
  const line =
    lines.find(({ words }) => words.join(' ') === verb) ??
    lines.find(({ words }) => `${words.join(' ')} `.startsWith(`${verb} `));
  assert.ok(line, `${page} has no command ${verb}`);
  const words = line.words.map((word) => names[word] ?? word);
  const env = { CRAFTING_TABLE_BASE_URL: farm.url, CRAFTING_TABLE_TOKEN: farm.admin };
  const { code, out, err } = await say(words, { env });
  assert.equal(code, 0, `${line.at} crafting-table ${words.join(' ')}: ${err}${out}`);
  return out;
}

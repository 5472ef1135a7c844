// From a log that a tool printed to a fixture of its parser: npm run fixture -- <parser> <log> [options]

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { recipeNames } from '../../events/fields.ts';
import type { NamedParser } from '../../parsers/define.ts';
import { parsers } from '../../parsers/registry.ts';
import { languagesOf, programsOf } from '../../parsers/tools/parser-words.ts';
import { parsed, summary } from '../parsers/parser-fixture.ts';

const use = `Use: npm run fixture -- PARSER LOG [--situation failing] [--command "tool -f json"] [--exit-code 1]
       [--recipe lint] [--language python] [--stream stdout|stderr|log]
It writes three files into parsers/fixtures/PARSER. Read <situation>.json, and correct what the parser reads wrongly.`;

const options = {
  situation: { type: 'string', default: 'failing' },
  command: { type: 'string' },
  'exit-code': { type: 'string', default: '1' },
  recipe: { type: 'string' },
  language: { type: 'string' },
  stream: { type: 'string', default: 'stdout' },
} as const;

/** What is to become of a log. */
export type Wish = {
  readonly situation: string;
  readonly command?: string | undefined;
  readonly 'exit-code': string;
  readonly recipe?: string | undefined;
  readonly language?: string | undefined;
  readonly stream: string;
};

/** What is wrong with a wish, as a sentence; null where nothing is. */
function faultOf({ situation, recipe, stream, 'exit-code': exit }: Wish): string | null {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(situation)) return `--situation is a word such as failing; found "${situation}".`;
  if (!['stdout', 'stderr', 'log'].includes(stream)) return `--stream is stdout, stderr or log; found "${stream}".`;
  if (!/^\d{1,3}$/.test(exit)) return `--exit-code is a number from 0 to 255; found "${exit}".`;
  if (recipe !== undefined && !recipeNames.some((one) => one === recipe))
    return `--recipe is one of ${recipeNames.join(', ')}; found "${recipe}".`;
  return null;
}

/** Paths of this machine become the root of the repository, so that a fixture names no folder of a person. */
export function scrubbed(log: Buffer, folder: string): Buffer {
  return Buffer.from(log.toString('latin1').replaceAll(folder, '/work-tree'), 'latin1');
}

/** Writes a fixture, and answers its files or a sentence; what is read out of the log is what the parser reads today. */
export function newFixture(
  folder: string,
  parser: NamedParser,
  log: Buffer,
  wish: Wish,
): { files: string[] } | { fault: string } {
  const fault = faultOf(wish);
  if (fault !== null) return { fault };
  const at = (ending: string) => join(folder, parser.name, `${wish.situation}.${ending}`);
  if (existsSync(at('meta.json'))) return { fault: `${at('meta.json')} is there already.` };
  const meta = {
    subproject: '.',
    roots: ['/work-tree'],
    language: wish.language ?? languagesOf(parser)[0] ?? 'generic',
    recipe: recipeNames.find((one) => one === wish.recipe) ?? parser.recipes[0] ?? 'lint',
    command: wish.command ?? programsOf(parser)[0] ?? parser.name,
    exitCode: Number(wish['exit-code']),
  };
  const nothing = Buffer.alloc(0);
  const streams = wish.stream === 'stderr' ? { stdout: nothing, stderr: log } : { stdout: log, stderr: nothing };
  const read = summary(parsed({ name: parser.name, situation: wish.situation, meta, ...streams, expected: null }));
  mkdirSync(join(folder, parser.name), { recursive: true });
  writeFileSync(at(wish.stream), log);
  writeFileSync(at('meta.json'), `${JSON.stringify(meta, null, 2)}\n`);
  writeFileSync(at('json'), `${JSON.stringify(read, null, 2)}\n`);
  return { files: [at(wish.stream), at('meta.json'), at('json')] };
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options, allowPositionals: true, args: process.argv.slice(2) });
  const [name = '', file = ''] = positionals;
  const parser = parsers.find((one) => one.name === name);
  const folder = resolve(import.meta.dirname, '..', '..', 'parsers', 'fixtures');
  const done =
    parser === undefined
      ? { fault: `There is no parser "${name}"; npm run new -- parser NAME makes one.` }
      : existsSync(file)
        ? newFixture(folder, parser, scrubbed(readFileSync(file), process.cwd()), values)
        : { fault: `There is no log "${file}".` };
  process.exitCode = 'fault' in done ? 2 : 0;
  process.stdout.write('fault' in done ? `${done.fault}\n${use}\n` : `${done.files.join('\n')}\n`);
}

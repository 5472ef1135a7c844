import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { Command, CommanderError } from 'commander';
import { cliCommands } from '../../services/cli/registry.ts';
import { ProjectInput, projectDocument } from '../../services/projects/rules/project-document.ts';
import { type CommandLine, commandLines } from './command-lines.ts';
import { withPageFarm } from './page-farm.ts';
import { type ShellBlock, scriptOf, shellBlocks } from './shell-blocks.ts';

const root = resolve(import.meta.dirname, '..', '..');
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((page) => page !== '' && !/fixtures\/|\/sample\//.test(page) && existsSync(join(root, page)));
const blocksOf = new Map(pages.map((page) => [page, shellBlocks(page, readFileSync(join(root, page), 'utf8'))]));
const placeOf = ({ page, line }: ShellBlock) => `${page}:${line}`;

/** Programs that the pages use beside our own. */
const lacking = ['bash', 'curl', 'jq', 'setsid'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
);
const skip = lacking.length > 0 && `${lacking.join(' and ')} is not on this machine`;

/** Why a block is not run here. A reason that names a test says which test runs the same. */
const reasons =
  /^(Docker|a forge|another machine|a terminal|the machine's own packages|minutes|as in [\w./-]+\.test\.ts)$/;

test('every block of commands in a page runs here, or says why it does not', () => {
  for (const block of [...blocksOf.values()].flat()) {
    assert.notEqual(block.how, 'unmarked', `${placeOf(block)} has no comment "<!-- runs -->" before it`);
    if (typeof block.how !== 'object') continue;
    assert.match(block.how.notRun, reasons, placeOf(block));
    const named = /^as in (.+)$/.exec(block.how.notRun)?.[1];
    if (named !== undefined) assert.ok(existsSync(join(root, named)), `${placeOf(block)} names ${named}`);
  }
});

for (const [page, blocks] of blocksOf) {
  if (!blocks.some(({ how }) => how === 'runs' || how === 'follows')) continue;
  test(`the commands of ${page} work as they are printed`, { skip }, async () => {
    await withPageFarm(async (run) => {
      const { code, output } = await run(scriptOf(blocks));
      assert.equal(code, 0, `${page}\n${output.slice(-4_000)}`);
    });
  });
}

/** Why the program would not take these words, or null. Nothing is done. */
async function refusalOf({ words, whole }: CommandLine): Promise<string | null> {
  const program = new Command('crafting-table').exitOverride().configureOutput({ writeErr: () => {} });
  program.option('--server <url>').option('--profile <name>');
  const name = words.find((word) => !word.startsWith('-')) ?? '';
  const unit = await cliCommands.find((one) => one.name === name)?.load();
  if (unit === undefined) return `there is no command ${name}`;
  const command = program.command(name).helpCommand(false);
  unit(command, () => async () => {}, program);
  const [verb = ''] = words.slice(words.indexOf(name) + 1);
  const verbs = command.commands.map((one) => one.name());
  if (verbs.length > 0 && /^[a-z]/.test(verb) && !verbs.includes(verb)) return `${name} has no command ${verb}`;
  try {
    await program.parseAsync(words, { from: 'user' });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // In running text a command is named without all that it needs.
    return whole || error.code === 'commander.unknownOption' ? error.message : null;
  }
}

test('each command line in a page is one that the program takes', async () => {
  const lines = [...pages].flatMap((page) => commandLines(page, readFileSync(join(root, page), 'utf8')));
  assert.ok(lines.length > 100, `${lines.length} were found`);
  const refused: string[] = [];
  for (const line of lines) {
    const why = await refusalOf(line);
    if (why !== null) refused.push(`${line.at} crafting-table ${line.words.join(' ')}: ${why}`);
  }
  assert.deepEqual(refused, []);
});

test('each JSON document in a page is JSON, and one of a project is what the API takes', () => {
  const read: string[] = [];
  for (const page of pages)
    for (const [, body = ''] of readFileSync(join(root, page), 'utf8').matchAll(/^```json\n([\s\S]*?)^```/gm)) {
      const document: unknown = JSON.parse(body.trimStart().startsWith('"') ? `{${body}}` : body);
      const whole = document as { name?: string; git_url?: string };
      const isPart = !('git_url' in whole) && ('orchestrate' in whole || 'schedule' in whole || 'patch' in whole);
      if (!('git_url' in whole) && !isPart) continue;
      const sent = { name: 'shop', ...whole, git_url: 'https://git.example.org/team/shop.git' };
      const faults = [...Value.Errors(ProjectInput, sent)].map(({ path, message }) => `${page} ${path}: ${message}`);
      assert.deepEqual(faults, []);
      const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
      assert.doesNotThrow(() => projectDocument(sent, { owner: 'ann', gitUrl: sent.git_url, refs }), page);
      read.push(page);
    }
  assert.ok(read.length > 3, read.join());
});

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
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

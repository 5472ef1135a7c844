import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { AppError } from '../../floor/app-error.ts';
import { printable } from '../../floor/text/printable.ts';
import { runProgram } from '../../io/programs/run-program.ts';
import type { Cli } from '../define.ts';
import { groupedFindings } from '../print/grouped-findings.ts';
import { colouredDiff } from '../print/patch-table.ts';
import { type FixPasses, fixInPasses, printOf } from './fix-passes.ts';
import { localColumns } from './local-report.ts';
import { announce, interrupted, type LocalChoice, type LocalStage, withLocalStage } from './local-stage.ts';
import type { LocalFinding } from './run-recipe-here.ts';
import { gitIn } from './tree/checkout-here.ts';
import { copyTree, type TreeCopy, uninstalled } from './tree/tree-copy.ts';
import { pathInside } from './tree/tree-sources.ts';
import { faultWords, writeFiles } from './tree/write-files.ts';

export type FixOptions = LocalChoice & {
  /** Writes without being asked. */
  readonly yes: boolean;
  /** Shows the diff and writes nothing. */
  readonly dryRun: boolean;
  /** Works although there are changes that are not committed. */
  readonly allowDirty: boolean;
};

/**
 * Lets the tools of a checkout mend what they can mend safely, in a copy, until nothing changes; shows the diff, asks, and
 * writes. Exit codes: 0, there was nothing to mend or it is written; 1, it is not written, or two tools undo each other's
 * edits; 2, wrong use; 8, nothing can be run; 130, interrupted.
 */
export function fixLocal(options: FixOptions, cli: Cli): Promise<number> {
  return withLocalStage(options, cli, async (stage) => {
    const { checkout } = stage;
    if (!checkout.isGit)
      throw new AppError('invalid', 'fix needs a git repository: without one its edits cannot be taken back.');
    if (checkout.dirty && !options.allowDirty && !options.dryRun)
      throw new AppError(
        'invalid',
        'There are changes that are not committed. Commit or stash them, so that the edits stand alone; or say --allow-dirty.',
      );
    const copy = await copyTree(checkout, gitIn(checkout.root, cli.env));
    try {
      return await mendIn(copy, stage, options, cli);
    } finally {
      await copy.remove();
    }
  });
}

async function mendIn(copy: TreeCopy, stage: LocalStage, options: FixOptions, cli: Cli): Promise<number> {
  announce(stage, cli.print);
  const deps = { ...stage.deps, checkout: { ...stage.checkout, root: copy.root } };
  const progress = { say: cli.print, columns: null };
  const done = await fixInPasses(
    stage.plan.runs.map((run) => uninstalled(run, copy)),
    { ...stage, deps },
    progress,
  );
  if (cli.signal.aborted) return interrupted(cli);
  if (done.end === 'circle') {
    cli.printError('Nothing is written: the edits of two tools undo each other. Switch one of their rules off.');
    return 1;
  }
  if (done.changed.length === 0) {
    cli.print(
      `\nNothing to mend: of ${counted(done.after.length, 'finding')} none comes with an edit that its tool calls safe.`,
    );
    return 0;
  }
  const diff = await diffOf(stage.checkout.root, copy.root, done.changed, cli);
  cli.print(`\n${colouredDiff(cli, diff).trimEnd()}`);
  for (const line of ['', ...wordsOf(done, cli)]) cli.print(line);
  if (options.dryRun) return 1;
  if (!(await isWanted(done, options, cli))) return 1;
  return takeOver(stage, copy, done, cli);
}

async function isWanted({ changed }: FixPasses, { yes }: FixOptions, cli: Cli): Promise<boolean> {
  if (yes) return true;
  if (!cli.input.isTTY) {
    cli.printError('Nothing is written: nobody is there to be asked. Say --yes.');
    return false;
  }
  const answer = await cli.input.ask(`Write ${counted(changed.length, 'file')}? [y/N] `);
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return true;
  cli.print('Nothing is written.');
  return false;
}

function wordsOf({ before, after, changed, passes, end }: FixPasses, cli: Cli): string[] {
  const fresh = moreThan(after, before);
  const gone = moreThan(before, after).length;
  const ends = {
    settled: [],
    circle: [],
    limit: [`There may be more to mend after ${passes} passes: run it again.`],
  };
  return [
    `${counted(gone, 'finding')} mended in ${counted(changed.length, 'file')}, ${counted(passes, 'pass', 'es')}; ${after.length} left.`,
    ...ends[end],
    ...(fresh.length > 0 ? ['These are new after the edits:', groupedFindings(cli, localColumns, fresh)] : []),
  ];
}

/** The difference as git writes it, of these files alone. */
async function diffOf(root: string, copy: string, files: readonly string[], cli: Cli): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crafting-table-diff-'));
  try {
    for (const [side, from] of [
      ['a', root],
      ['b', copy],
    ] as const)
      for (const file of files) {
        await mkdir(dirname(join(folder, side, file)), { recursive: true });
        await copyFile(join(from, file), join(folder, side, file));
      }
    const args = ['-c', 'core.pager=cat', 'diff', '--no-index', '--no-prefix', '--no-ext-diff', '--no-color', 'a', 'b'];
    const env = { ...cli.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' };
    // With 1 git says that they differ.
    return await runProgram('git', args, { cwd: folder, env }).then(
      ({ stdout }) => stdout,
      (error: { exitCode?: number; stdout?: string }) => {
        if (error.exitCode === 1 && error.stdout) return error.stdout;
        throw error;
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes what changed into the checkout, but no file that is no longer what it was when it was copied. */
async function takeOver(
  { checkout }: LocalStage,
  copy: TreeCopy,
  { changed, originals }: FixPasses,
  cli: Cli,
): Promise<number> {
  const contents = new Map<string, Uint8Array>();
  for (const file of changed) {
    const path = pathInside(checkout.root, file);
    const now = path === undefined ? null : await readFile(path).catch(() => null);
    if (path === undefined || now === null || printOf(now) !== originals.get(file))
      cli.printError(printable(`${file} is left alone: it changed in the meantime.`));
    else contents.set(path, await readFile(join(copy.root, file)));
  }
  const fault = await writeFiles(contents);
  if (fault) cli.printError(printable(faultWords(fault, relative(checkout.root, fault.path))));
  else cli.print(`${counted(contents.size, 'file')} written.`);
  return fault === null && contents.size === changed.length ? 0 : 1;
}

/**
 * The findings of a rule in a file by which `some` has more than `others`. Identities do not help here: the edit of one
 * finding changes the line by which its neighbours are known.
 */
function moreThan(some: readonly LocalFinding[], others: readonly LocalFinding[]): LocalFinding[] {
  const keyOf = ({ tool, code, file }: LocalFinding) => `${file}\0${tool}\0${code}`;
  const left = Map.groupBy(others, keyOf);
  return some.filter((one) => left.get(keyOf(one))?.pop() === undefined);
}

function counted(count: number, what: string, plural = 's'): string {
  return `${count} ${what}${count === 1 ? '' : plural}`;
}

import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../../floor/text/counted.ts';
import { type FixableFinding, fixCommand } from '../../patcher/rules/drafting/rerun-command.ts';
import { localFix } from './local-fix.ts';
import type { LocalRun } from './local-plan.ts';
import { findingsOf, type LocalStage, type Progress, runHere } from './local-stage.ts';
import type { LocalFinding, LocalResult } from './run-recipe-here.ts';

export type FixPasses = {
  /** Passes that changed something. */
  readonly passes: number;
  /** `settled`: the last pass found nothing to change; `circle`: edits undo each other; `limit`: there may be more. */
  readonly end: 'settled' | 'circle' | 'limit';
  readonly before: readonly LocalFinding[];
  readonly after: readonly LocalFinding[];
  /** By path from the root. */
  readonly changed: readonly string[];
  /** What each file was before, as `printOf` says it. */
  readonly originals: ReadonlyMap<string, string>;
};

const mostPasses = 10;

/** Lets the tools mend a tree, again and again until nothing changes: one edit often makes room for the next. */
export async function fixInPasses(
  runs: readonly LocalRun[],
  stage: Pick<LocalStage, 'deps' | 'slots'>,
  progress: Progress,
): Promise<FixPasses> {
  const { root } = stage.deps.checkout;
  const files = stage.deps.checkout.files ?? [];
  const first = await printsOf(root, files);
  const seen = new Set([digestOf(first)]);
  let before: readonly LocalFinding[] | null = null;
  for (let pass = 0; ; pass += 1) {
    const results = await runHere(runs, stage, progress);
    const after = findingsOf(results);
    before ??= after;
    const ended = (end: FixPasses['end'], now: Prints): FixPasses => ({
      passes: pass,
      end,
      before: before ?? [],
      after,
      originals: first,
      changed: files.filter((file) => first.get(file) !== now.get(file)),
    });
    const standing = await printsOf(root, files);
    if (stage.deps.signal.aborted || pass === mostPasses) return ended('limit', standing);
    await mendOnce(results, after, stage);
    const now = await printsOf(root, files);
    const digest = digestOf(now);
    if (digest === digestOf(standing)) return ended('settled', now);
    progress.say(`  pass ${pass + 1}    changed ${changedBetween(standing, now)}`);
    if (seen.has(digest)) return ended('circle', now);
    seen.add(digest);
  }
}

async function mendOnce(
  results: readonly LocalResult[],
  findings: readonly LocalFinding[],
  stage: Pick<LocalStage, 'deps'>,
) {
  const { deps } = stage;
  await localFix(deps.checkout.root, findings, results);
  for (const [key, command] of rerunsOf(results)) {
    const [subproject = '.'] = key;
    await deps.processes.run({
      cwd: join(deps.checkout.root, subproject),
      env: { ...deps.environment },
      command,
      timeoutMs: 120_000,
      graceMs: 3_000,
      maxOutputBytes: deps.maxOutputBytes,
      signal: deps.signal,
      onOutput: () => {},
    });
  }
}

/** Commands of tools that mend only by being run again, each once. */
function rerunsOf(results: readonly LocalResult[]): [readonly [subproject: string], string][] {
  const commands = results.flatMap(({ run, findings }) =>
    findings
      .filter(({ edits }) => edits.length === 0)
      .flatMap((finding: FixableFinding) => fixCommand(finding, run.subproject, run.command)?.command ?? [])
      .map((command) => [[run.subproject], command] as [readonly [string], string]),
  );
  return [...new Map(commands.map((one) => [`${one[0][0]}\0${one[1]}`, one])).values()];
}

type Prints = ReadonlyMap<string, string>;

async function printsOf(root: string, files: readonly string[]): Promise<Prints> {
  const prints = new Map<string, string>();
  for (const file of files) {
    // A link is edited as the file that it leads to.
    const isLink = await lstat(join(root, file)).then(
      (info) => info.isSymbolicLink(),
      () => true,
    );
    const bytes = isLink ? null : await readFile(join(root, file)).catch(() => null);
    if (bytes !== null) prints.set(file, printOf(bytes));
  }
  return prints;
}

/** What tells one content of a file from another. */
export function printOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function digestOf(prints: Prints): string {
  return [...prints].map(([file, print]) => `${file}\0${print}`).join('\n');
}

function changedBetween(one: Prints, other: Prints): string {
  return counted([...other].filter(([file, print]) => one.get(file) !== print).length, 'file');
}

import { percentOf, type Share } from '../../../events/jobs/measured.ts';
import type { CoverageDoc, CoverageLists } from '../../../projections/jobs/coverage.ts';
import type { JobCoverage } from '../../../projections/jobs/jobs.ts';
import type { Column } from './fit-table.ts';

/** `81.25 % of 400 lines, 60 % of branches` */
export function coverageWords({ percent, lines, statements, branches, functions, changed }: JobCoverage): string {
  const share = lines ?? statements;
  const parts = [
    percent === null || share === null
      ? ''
      : `${percent} % of ${share.total} ${lines === null ? 'statements' : 'lines'}`,
    branches === null ? '' : `${percentOf(branches)} % of ${branches.total} branches`,
    functions === null ? '' : `${percentOf(functions)} % of ${functions.total} functions`,
    changed === null ? '' : `${changed.percent} % of ${changed.total} lines changed since ${changed.base.slice(0, 7)}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** `81.25 %`, and nothing where nobody counts. */
const shareText = (share: Share | null | undefined): string | null => (share ? `${percentOf(share)} %` : null);

/** `+0.4`, `-1.25`, and nothing where nothing moved. */
function movedText(now: number | null, before: number | null | undefined): string | null {
  if (now === null || before === null || before === undefined) return null;
  const moved = Math.round((now - before) * 100) / 100;
  return moved === 0 ? null : `${moved > 0 ? '+' : ''}${moved}`;
}

/** A measurement and the one before it. */
export type RunRow = { readonly run: CoverageDoc; readonly before: CoverageDoc | undefined };

export const runColumns: readonly Column<RunRow>[] = [
  { head: 'subproject', of: ({ run }) => run.subproject, shrinksTo: 8 },
  { head: 'recipe', of: ({ run }) => run.recipe },
  { head: 'covered', of: ({ run }) => (run.percent === null ? null : `${run.percent} %`) },
  { head: 'moved', of: ({ run, before }) => movedText(run.percent, before?.percent) },
  { head: 'branches', of: ({ run }) => shareText(run.branches) },
  { head: 'functions', of: ({ run }) => shareText(run.functions) },
  { head: 'changed lines', of: ({ run }) => shareText(run.changed) },
  { head: 'commit', of: ({ run }) => run.sha?.slice(0, 7) },
  { head: 'measured', of: ({ run }) => run.measured_at.slice(0, 16).replace('T', ' '), isExtra: true },
];

type File = CoverageLists['files'][number];

export const fileColumns: readonly Column<File>[] = [
  { head: 'covered', of: (file) => shareText(file.lines ?? file.statements) },
  { head: 'missed', of: ({ lines, statements }) => missedIn(lines ?? statements) },
  { head: 'branches', of: ({ branches }) => shareText(branches) },
  { head: 'file', of: ({ file }) => file, shrinksTo: 20 },
];

const missedIn = (share: Share | undefined) => (share ? share.total - share.covered : null);

type ChangedFile = CoverageLists['changed_files'][number];

export const changedColumns: readonly Column<ChangedFile>[] = [
  { head: 'covered', of: (file) => shareText(file) },
  { head: 'file', of: ({ file }) => file, shrinksTo: 20 },
  {
    head: 'lines that did not run',
    of: ({ missing }) => missing.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(', '),
    shrinksTo: 10,
  },
];

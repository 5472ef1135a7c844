import {
  type ChangedCoverage,
  type CoverageMeasuredData,
  headlineOf,
  percentOf,
  type Share,
  type Shares,
} from '../../../events/jobs/measured.ts';
import type { Subproject } from '../../../events/projects/project.ts';
import { lineStates, type MeasuredFile, type ParsedCoverage } from '../../../parsers/engine/coverage-sum.ts';

/** Lines that differ from a commit, by path. */
export type ChangedLines = {
  readonly base: string;
  readonly lines: ReadonlyMap<string, readonly (readonly [from: number, to: number])[]>;
};

export type CoverageFigures = Omit<
  CoverageMeasuredData,
  'job_id' | 'project' | 'reading' | 'run_seq' | 'subproject' | 'recipe' | 'branch' | 'sha' | 'on_default_branch'
>;

const mostFiles = 1000;
const mostChanged = 200;
const mostGaps = 64;
/** Bytes of the lists of one event: it must stay under the size of a message. */
const mostBytes = 300_000;

/** What is kept of a measurement; `changed` is null where there is no commit to compare with. */
export function coverageFigures(coverage: ParsedCoverage, changed: ChangedLines | null): CoverageFigures {
  const { formats, files, outside, lines, statements, branches, functions } = coverage;
  const listed = [...files].sort((a, b) => missedIn(b) - missedIn(a) || (a.file < b.file ? -1 : 1));
  return {
    formats: formats.slice(0, 16),
    ...present({ lines, statements, branches, functions }),
    ...(changed === null ? {} : { changed: changedCoverage(files, changed) }),
    file_count: files.length,
    outside,
    files: bounded(listed.map(fileOf), mostFiles),
  };
}

function missedIn(shares: Shares): number {
  const share = headlineOf(shares);
  return share === null ? 0 : share.total - share.covered;
}

function fileOf({ file, lines, statements, branches, functions }: MeasuredFile) {
  return { file, ...present({ lines, statements, branches, functions }) };
}

function present(all: Shares): { lines?: Share; statements?: Share; branches?: Share; functions?: Share } {
  return Object.fromEntries(Object.entries(all).filter(([, share]) => share !== undefined));
}

/** As many as fit. */
function bounded<One>(some: readonly One[], most: number): One[] {
  let bytes = 0;
  const end = some.findIndex((one) => {
    bytes += Buffer.byteLength(JSON.stringify(one));
    return bytes > mostBytes;
  });
  return some.slice(0, end === -1 ? most : Math.min(end, most));
}

function changedCoverage(files: readonly MeasuredFile[], { base, lines }: ChangedLines): ChangedCoverage {
  const own = files.flatMap(({ file, states, inRepository }) => {
    const ranges = lines.get(file);
    return inRepository && states !== null && ranges !== undefined ? [changedIn(file, states, ranges)] : [];
  });
  const sum = (key: 'covered' | 'total') => own.reduce((total, one) => total + one[key], 0);
  const incomplete = own
    .filter(({ covered, total }) => covered < total)
    .sort((a, b) => b.total - b.covered - (a.total - a.covered) || (a.file < b.file ? -1 : 1));
  return { base, covered: sum('covered'), total: sum('total'), files: bounded(incomplete, mostChanged) };
}

function changedIn(file: string, states: Uint8Array, ranges: readonly (readonly [number, number])[]) {
  let [covered, total] = [0, 0];
  const missing: [number, number][] = [];
  for (const [from, to] of ranges)
    for (let line = from; line <= Math.min(to, states.length - 1); line += 1) {
      if (states[line] === 0) continue;
      total += 1;
      if (states[line] === lineStates.ran) {
        covered += 1;
        continue;
      }
      const last = missing.at(-1);
      // Lines that cannot run do not part a gap.
      if (last !== undefined && states.subarray(last[1] + 1, line).every((state) => state === 0)) last[1] = line;
      else missing.push([line, line]);
    }
  return { file, covered, total, missing: missing.slice(0, mostGaps) };
}

type Wanted = Pick<Subproject, 'min_coverage' | 'min_changed_coverage' | 'test'>;

/** Why a run covers less than its subproject asks for, in words; null when it does not. */
export function coverageFault(
  figures: Pick<CoverageFigures, 'lines' | 'statements' | 'changed'> | null,
  { recipe, wanted }: { readonly recipe: string; readonly wanted: Wanted },
): string | null {
  const { min_coverage: least, min_changed_coverage: leastChanged } = wanted;
  if (least === undefined && leastChanged === undefined) return null;
  // The tests are what is to cover the code: a linter may meet a report that lies in the tree.
  if (recipe !== 'test' && !(recipe === 'build' && wanted.test === undefined)) return null;
  const share = figures === null ? null : headlineOf(figures);
  if (figures === null || share === null) {
    const name = least === undefined ? 'min_changed_coverage' : 'min_coverage';
    return `no coverage was measured, and ${name} asks for ${least ?? leastChanged} %`;
  }
  const { changed } = figures;
  const faults = [
    under(figures.lines === undefined ? 'of the statements' : 'of the lines', share, 'min_coverage', least),
    changed === undefined
      ? null
      : under(`of the lines changed since ${changed.base.slice(0, 7)}`, changed, 'min_changed_coverage', leastChanged),
  ];
  return faults.filter((fault) => fault !== null).join('; ') || null;
}

function under(what: string, share: Share, name: string, least: number | undefined): string | null {
  // Nothing that can run is nothing that was left out.
  if (least === undefined || share.total === 0 || (share.covered / share.total) * 100 >= least) return null;
  return `tests cover ${percentOf(share)} % ${what} (${share.covered} of ${share.total}), and ${name} asks for ${least} %`;
}

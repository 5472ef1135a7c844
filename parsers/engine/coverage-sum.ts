import type { CoveredFile, Share } from '../coverage/define.ts';
import { detached } from './plain-text.ts';
import type { Places } from './repository-path.ts';

/** What ran, and what did not, of lines that can run; by line, 0 where nothing can run. */
export const lineStates = { missed: 1, ran: 2 } as const;

/** The shares of one file, or of all of them; absent where no report says anything of it. */
type Shares = {
  readonly lines?: Share;
  readonly statements?: Share;
  readonly branches?: Share;
  readonly functions?: Share;
};

export type MeasuredFile = Shares & {
  /** From the root of the repository; as it was printed where it is not in there. */
  readonly file: string;
  readonly inRepository: boolean;
  /** The state of each line, by its number; null where only sums are known. */
  readonly states: Uint8Array | null;
};

/** What the reports of one run say together. */
export type ParsedCoverage = Shares & {
  /** The formats that were believed, alphabetically. */
  readonly formats: readonly string[];
  readonly files: readonly MeasuredFile[];
  /** Files that are not in the repository, such as generated ones. They count. */
  readonly outside: number;
};

const kinds = ['lines', 'statements', 'branches', 'functions'] as const;
const mostFiles = 50_000;
const mostLines = 1_000_000;
/** Bytes of line states, entries of branches, and names of functions in one run. */
const mostStates = 64 * 1024 * 1024;
const mostBranches = 2_000_000;
const mostFunctions = 1_000_000;

type Sum = {
  readonly file: string;
  readonly inRepository: boolean;
  states: Uint8Array | null;
  linesOfBlocks: boolean;
  readonly branches: Map<number, Share>;
  readonly functions: Map<string, boolean>;
  readonly sums: { -readonly [Kind in keyof Shares]: Share };
};

/** Adds up what the files of one format say. */
export type CoverageSum = {
  readonly format: string;
  add(file: CoveredFile): void;
  /** Takes what another one of the same format holds. */
  readonly files: ReadonlyMap<string, Sum>;
  /** Why it is worth nothing, or null. */
  readonly problem: string | null;
};

/** `room` is shared by all reports of a run. */
type CoverageRoom = { states: number; branches: number; functions: number };

export const coverageRoom = (): CoverageRoom => ({
  states: mostStates,
  branches: mostBranches,
  functions: mostFunctions,
});

/** Adds up what the reports of one format say, file by file and line by line: what ran in one of them, ran. */
export function coverageSum(format: string, places: Places, room: CoverageRoom): CoverageSum {
  const files = new Map<string, Sum>();
  let problem: string | null = null;
  const sumOf = (paths: readonly string[]): Sum | null => {
    const placed = placeOf(paths, places);
    if (placed === null) return null;
    const known = files.get(placed.file);
    if (known !== undefined) return known;
    if (files.size >= mostFiles) problem = `names more than ${mostFiles} source files`;
    const file = detached(placed.file);
    const kept = { states: null, branches: new Map(), functions: new Map(), sums: {} };
    const sum: Sum = { ...placed, file, ...kept, linesOfBlocks: false };
    files.set(file, sum);
    return sum;
  };
  return {
    format,
    files,
    get problem() {
      return problem;
    },
    add(entry) {
      if (problem !== null) return;
      const sum = sumOf(entry.paths);
      if (sum === null) return;
      sum.linesOfBlocks ||= entry.linesOfBlocks === true;
      for (const [line, ran] of entry.lines ?? []) {
        if (line < 1 || line > mostLines) continue;
        sum.states = withRoom(sum.states, line, room);
        sum.states[line] = Math.max(sum.states[line] ?? 0, ran ? lineStates.ran : lineStates.missed);
      }
      for (const [line, covered, total] of entry.branches ?? []) {
        const before = sum.branches.get(line);
        if (before === undefined) room.branches -= 1;
        const most = Math.max(before?.total ?? 0, total);
        sum.branches.set(line, { covered: Math.min(Math.max(before?.covered ?? 0, covered), most), total: most });
      }
      for (const [name, ran] of entry.functions ?? []) {
        const before = sum.functions.get(name);
        if (before === undefined) room.functions -= 1;
        sum.functions.set(before === undefined ? detached(name.slice(0, 500)) : name, before === true || ran);
      }
      for (const kind of kinds) sum.sums[kind] = better(sum.sums[kind], entry.sums?.[kind]);
      if (Math.min(room.states, room.branches, room.functions) < 0) problem = 'says more than can be held';
    },
  };
}

/** What can only be summed up is that of the report that counts most. */
function better(one: Share | undefined, other: Share | undefined): Share {
  const none = { covered: 0, total: 0 };
  if (other === undefined || !isShare(other)) return one ?? none;
  if (one === undefined || other.total > one.total) return other;
  return { total: one.total, covered: other.total === one.total ? Math.max(one.covered, other.covered) : one.covered };
}

function isShare({ covered, total }: Share): boolean {
  return Number.isSafeInteger(covered) && Number.isSafeInteger(total) && covered >= 0 && total >= covered;
}

function withRoom(states: Uint8Array | null, line: number, room: CoverageRoom): Uint8Array {
  if (states !== null && line < states.length) return states;
  const grown = new Uint8Array(Math.max(64, 2 ** Math.ceil(Math.log2(line + 1))));
  room.states -= grown.length - (states?.length ?? 0);
  if (states !== null) grown.set(states);
  return grown;
}

/** Null for what belongs to somebody else. */
function placeOf(paths: readonly string[], places: Places): { file: string; inRepository: boolean } | null {
  for (const path of paths) {
    const { file, state } = places.at(path);
    if (state !== 'foreign' && file !== null && places.isFile(path) === true) return { file, inRepository: true };
  }
  const [first = ''] = paths;
  const { file, state } = places.at(first);
  if (state === 'foreign' && file !== null) return null;
  const name = (file ?? first).slice(0, 1024).toWellFormed();
  return name === '' ? null : { file: name, inRepository: false };
}

/**
 * What all reports of a run say together. Of several formats that tell of one file, as a tool may write it in several, the
 * one that knows most of it is believed; files of which only one tells are all counted.
 */
export function joined(sums: readonly CoverageSum[]): ParsedCoverage | null {
  const best = new Map<string, { format: string; measured: MeasuredFile }>();
  for (const { format, files } of [...sums].sort((a, b) => (a.format < b.format ? -1 : 1)))
    for (const sum of files.values()) {
      const measured = measure(sum);
      const before = best.get(sum.file);
      if (before === undefined || knowsMore(measured, before.measured)) best.set(sum.file, { format, measured });
    }
  if (best.size === 0) return null;
  const all = [...best.values()].sort((a, b) => (a.measured.file < b.measured.file ? -1 : 1));
  const files = all.map(({ measured }) => measured);
  return {
    ...sharesOf(files),
    formats: [...new Set(all.map(({ format }) => format))].sort(),
    files,
    outside: files.filter(({ inRepository }) => !inRepository).length,
  };
}

/** Whether one knows more of a file than the other: its lines, then branches, functions and statements. */
function knowsMore(one: MeasuredFile, other: MeasuredFile): boolean {
  const sizes = ({ states, lines, branches, functions, statements }: MeasuredFile) =>
    [Number(states !== null), ...[lines, branches, functions, statements].map((share) => share?.total ?? 0)] as const;
  const [mine, its] = [sizes(one), sizes(other)];
  const at = mine.findIndex((size, place) => size !== its[place]);
  return at !== -1 && (mine[at] ?? 0) > (its[at] ?? 0);
}

function measure({ file, inRepository, states, linesOfBlocks, branches, functions, sums }: Sum): MeasuredFile {
  const listed = {
    lines: states === null || linesOfBlocks ? undefined : shareOfStates(states),
    branches: branches.size === 0 ? undefined : addUp([...branches.values()]),
    functions:
      functions.size === 0
        ? undefined
        : { covered: [...functions.values()].filter((ran) => ran).length, total: functions.size },
    statements: undefined,
  };
  const shares: { -readonly [Kind in keyof Shares]: Share } = {};
  for (const kind of kinds) {
    const summed = (sums[kind]?.total ?? 0) > 0 ? sums[kind] : undefined;
    const share = listed[kind] ?? summed;
    if (share !== undefined) shares[kind] = share;
  }
  return { file, inRepository, states, ...shares };
}

function shareOfStates(states: Uint8Array): Share {
  let [covered, total] = [0, 0];
  for (const state of states) {
    if (state !== 0) total += 1;
    if (state === lineStates.ran) covered += 1;
  }
  return { covered, total };
}

function addUp(shares: readonly Share[]): Share {
  return shares.reduce((sum, one) => ({ covered: sum.covered + one.covered, total: sum.total + one.total }), {
    covered: 0,
    total: 0,
  });
}

/** The sums over files. */
function sharesOf(files: readonly Shares[]): Shares {
  const shares: { -readonly [Kind in keyof Shares]: Share } = {};
  for (const kind of kinds) {
    const some = files.flatMap((file) => file[kind] ?? []);
    if (some.length > 0) shares[kind] = addUp(some);
  }
  return shares;
}

import type { Exit, NamedParser, ToolRun } from '../define.ts';
import { programsOf } from '../tools/parser-words.ts';
import { startsProgram } from './command-words.ts';
import { type CoverageFile, type CoverageFiles, coverageHead } from './coverage-files.ts';
import { type Dispatcher, dispatcher } from './dispatcher.ts';
import type { Reading } from './reading.ts';
import type { ToolTally } from './test-counts.ts';
import type { TestSum } from './test-figures.ts';
import { type TextLines, textLines } from './text-lines.ts';

type ReportFiles = {
  /** Pieces of one file come one after the other. */
  write(name: string, chunk: Uint8Array): void;
  /** Whether something in a file that was read is a reason for a recipe to fail. */
  explains(): boolean;
  /** Once, after the last file. */
  end(exit: Exit): {
    readonly tools: ToolRun[];
    readonly explains: boolean;
    /** Whether a file that a command may have left says why it failed. */
    explainsFor(command: string): boolean;
    readonly tallies: ToolTally[];
    readonly tests: TestSum[];
    /** Packages that tools passed over. */
    readonly skipped: string[];
    readonly looked: string[];
  };
};

type ReportFilesDeps = {
  readonly parsers: readonly NamedParser[];
  /** Every parser anew: a file has nothing to do with the one before it. */
  fresh(): Reading[];
  /** Takes files that hold coverage. */
  readonly coverage: CoverageFiles;
  runs(programs: readonly string[]): boolean;
  problem(text: string): void;
  note(text: string): void;
};

const maxFiles = 5000;
/** Options by which a program is told to leave a file. */
const leaves =
  /(?:^|\s)-{1,2}[\w.-]{0,40}(?:out|report|junit|xml|json|sarif|format|log|tap|trx)[\w.-]{0,40}(?:[\s=:]|$)|>/i;

/**
 * Whether a command may have left files that these parsers explain a failure by. It starts no known tool, or their tool,
 * or one of tests where they are results of tests; or it names a file to write.
 */
function mayHaveLeft(
  command: string,
  files: {
    readonly parsers: readonly NamedParser[];
    readonly explaining: readonly NamedParser[];
    readonly told: readonly string[];
  },
): boolean {
  const readers = files.parsers.filter((one) => startsProgram(command, programsOf(one)));
  if (readers.length === 0 || leaves.test(command)) return true;
  if (readers.some(({ tool }) => files.told.includes(tool))) return true;
  const tests = ({ recipes }: NamedParser) => recipes.includes('test');
  return readers.some(tests) && files.explaining.some(tests);
}

/** Reads the files that a run left, each for itself, with the same parsers as its log. */
export function reportFiles({ parsers, fresh, coverage, runs, problem, note }: ReportFilesDeps): ReportFiles {
  const used: { reading: Reading; doubt: boolean }[] = [];
  /** Those that go on from one file to the next. */
  const gathering = new Map<NamedParser, { reading: Reading; doubt: boolean }>();
  let names = 0;
  let open: { name: string; readings: Reading[]; file: Dispatcher; lines: TextLines } | null = null;
  /** The file that is read: its first bytes, until they tell whether it holds coverage. */
  let current: { name: string; head: Uint8Array[]; size: number; measured: CoverageFile | null } | null = null;

  const start = (name: string) => {
    let first = true;
    let isText = true;
    const readings = fresh().map((one) => gathering.get(one.parser)?.reading ?? one);
    const file = dispatcher({
      parsers,
      readings,
      runs,
      problem: (text) => problem(`${name.slice(0, 200)}: ${text}`),
      note: (text) => note(`${name.slice(0, 200)}: ${text}`),
      // Lines of a document that no parser knows are no tool's words.
      text(line) {
        if (first && line.trim() !== '') {
          first = false;
          isText = !/^\s*[[{<]/.test(line);
        }
        return isText;
      },
    });
    return {
      name,
      readings,
      file,
      lines: textLines((line, cut) => file.line('report', line, cut), {
        pieces: (piece, isLast) => file.piece('report', piece, isLast),
      }),
    };
  };
  const close = () => {
    settle();
    current?.measured?.end();
    current = null;
    if (open === null) return;
    const { readings, file, lines } = open;
    open = null;
    lines.end();
    file.end();
    for (const reading of readings) {
      if (!reading.used) continue;
      const before = gathering.get(reading.parser);
      if (before !== undefined) before.doubt ||= file.doubt;
      else {
        const one = { reading, doubt: file.doubt };
        used.push(one);
        if (reading.parser.gathers === true) gathering.set(reading.parser, one);
      }
    }
  };
  /** Decides whose the file is that has begun, and hands over what was held. */
  const settle = () => {
    if (current === null || current.measured !== null || open !== null) return;
    const { name, head } = current;
    const bytes = Buffer.concat(head);
    current.head = [];
    current.measured = coverage.open(name, new TextDecoder().decode(bytes.subarray(0, coverageHead)));
    if (current.measured === null) open = start(name);
    hand(bytes);
  };
  const hand = (chunk: Uint8Array) => (current?.measured ?? open?.lines)?.write(chunk);
  return {
    write(name, chunk) {
      if (current?.name !== name) {
        close();
        names += 1;
        if (names === maxFiles + 1) problem(`report files beyond ${maxFiles} were left out`);
        current = { name, head: [], size: 0, measured: null };
      }
      if (names > maxFiles) return;
      if (current.measured !== null || open !== null) return void hand(chunk);
      current.head.push(Uint8Array.from(chunk));
      current.size += chunk.length;
      if (current.size >= coverageHead) settle();
    },
    explains: () => used.some(({ reading }) => reading.explains),
    end(exit) {
      close();
      const tools = used.flatMap(({ reading, doubt }) => reading.end(exit, { doubt, isWhole: false }));
      const explains = used.some(({ reading }) => reading.explains);
      const tests = used.flatMap(({ reading }) => reading.tests ?? []);
      const explaining = used.filter(({ reading }) => reading.explains).map(({ reading }) => reading.parser);
      const explainsFor = (command: string) =>
        explaining.length > 0 && mayHaveLeft(command, { parsers, explaining, told: tools.map(({ tool }) => tool) });
      const skipped = used.flatMap(({ reading }) => reading.skipped);
      return {
        tools,
        explains,
        explainsFor,
        skipped,
        looked: used.flatMap(({ reading }) => reading.looked),
        tallies: used.flatMap(({ reading }) => reading.tallies(true)),
        tests,
      };
    },
  };
}

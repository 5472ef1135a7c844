import type { Exit, Parser, ToolRun } from '../define.ts';
import { type Dispatcher, dispatcher } from './dispatcher.ts';
import type { Reading } from './reading.ts';
import type { ToolTally } from './test-counts.ts';
import { type TextLines, textLines } from './text-lines.ts';

export type ReportFiles = {
  /** Pieces of one file come one after the other. */
  write(name: string, chunk: Uint8Array): void;
  /** Once, after the last file. */
  end(exit: Exit): { readonly tools: ToolRun[]; readonly explains: boolean; readonly tallies: ToolTally[] };
};

export type ReportFilesDeps = {
  readonly parsers: readonly Parser[];
  /** Every parser anew: a file has nothing to do with the one before it. */
  fresh(): Reading[];
  runs(programs: readonly string[]): boolean;
  problem(text: string): void;
  note(text: string): void;
};

const maxFiles = 5000;

/** Reads the files that a run left, each for itself, with the same parsers as its log. */
export function reportFiles({ parsers, fresh, runs, problem, note }: ReportFilesDeps): ReportFiles {
  const used: { reading: Reading; doubt: boolean }[] = [];
  let names = 0;
  let open: { name: string; readings: Reading[]; file: Dispatcher; lines: TextLines } | null = null;

  const start = (name: string) => {
    let first = true;
    let isText = true;
    const readings = fresh();
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
    if (open === null) return;
    const { readings, file, lines } = open;
    open = null;
    lines.end();
    file.end();
    for (const reading of readings) if (reading.used) used.push({ reading, doubt: file.doubt });
  };
  return {
    write(name, chunk) {
      if (open?.name !== name) {
        close();
        names += 1;
        if (names === maxFiles + 1) problem(`report files beyond ${maxFiles} were left out`);
        open = start(name);
      }
      if (names <= maxFiles) open?.lines.write(chunk);
    },
    end(exit) {
      close();
      const tools = used.flatMap(({ reading, doubt }) => reading.end(exit, { doubt, isWhole: false }));
      const explains = used.some(({ reading }) => reading.explains);
      return { tools, explains, tallies: used.flatMap(({ reading }) => reading.tallies(true)) };
    },
  };
}

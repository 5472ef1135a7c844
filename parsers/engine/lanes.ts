import type { LogContext, Parser, Stream } from '../define.ts';
import { startsProgram } from './command-words.ts';
import { type Dispatcher, dispatcher } from './dispatcher.ts';
import { makeFolders } from './make-folders.ts';
import type { Observations } from './observations.ts';
import { type Reading, reading } from './reading.ts';
import type { Folder, Places } from './repository-path.ts';
import { textLines } from './text-lines.ts';
import { wrappers } from './wrappers.ts';

/** What one source wrote into a log: a service, a package, a step of a build; or the log itself. */
export type Lane = {
  readonly source: string;
  readonly readings: readonly Reading[];
  readonly file: Dispatcher;
};

export type Lanes = {
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  /** After the last chunk. */
  end(): void;
  readonly all: readonly Lane[];
  /** Whether the files of the tree would tell what a line meant. */
  readonly unsettled: boolean;
  /** Prefixes that turned out to be a wrapper's when lines with them had been read as they were; else null. */
  readonly late: readonly string[] | null;
};

export type LanesDeps = {
  readonly context: LogContext;
  readonly parsers: readonly Parser[];
  /** The same, the likeliest first. */
  readonly order: readonly Parser[];
  readonly found: Observations;
  readonly places: Places;
  /** What `late` was in an earlier reading. */
  readonly learned: readonly string[];
  problem(text: string): void;
  note(text: string): void;
  /** Every line of text, as its tool meant it. */
  heard(line: string, stream: Stream): void;
};

/** Sources beyond these are read as one. */
const mostLanes = 128;
const mostEchoed = 50;
/** Script lines that npm (`> eslint .`), yarn and GitLab (`$ eslint .`), Jenkins (`+ eslint .`), tox, nox and Docker tell. */
const echo =
  /^(?:[>$+] |Run |[\w.-]{1,60}: commands(?:_pre|_post)?\[\d{1,3}\]> |[\w.-]{1,60} run-test: commands\[\d{1,3}\] \| |nox > |Step \d{1,3}\/\d{1,3} : RUN |task: \[[\w:.-]{1,60}\] )(\S.{0,1999})/;

/** Reads what different sources wrote into one log apart: their lines mix, and each may be in the middle of something. */
export function lanes({ context, parsers, order, found, places, learned, problem, note, heard }: LanesDeps): Lanes {
  const bySource = new Map<string, Lane & { starts(command: string): void }>();
  const echoed: string[] = [];

  const open = (source: string, named: Folder | null) => {
    const own: string[] = [];
    const folders = makeFolders();
    const folder = () => folders.now ?? named;
    const runs = (programs: readonly string[]) =>
      startsProgram(context.command, programs) || [...own, ...echoed].some((line) => startsProgram(line, programs));
    const starts = (command: string) => {
      const all = source === '' ? echoed : own;
      if (all.length < mostEchoed) all.push(command);
    };
    const readings = order.map((parser) => reading(parser, { context, found, places, folder, runs, problem }));
    const text = (line: string, stream: Stream) => {
      heard(line, stream);
      const command = echo.exec(line)?.[1];
      if (command !== undefined) starts(command);
      return true;
    };
    const file = dispatcher({ parsers, readings, runs, problem, note, text, past: folders.line });
    const lane = { source, readings, file, starts };
    bySource.set(source, lane);
    return lane;
  };
  const main = open('', null);
  const laneOf = (source: string, folder: Folder | null) =>
    bySource.get(source) ?? (bySource.size < mostLanes ? open(source, folder) : main);

  const wrapped = wrappers({
    learned,
    isFile: (path) => places.isFile(path),
    runs: (programs) =>
      startsProgram(context.command, programs) || echoed.some((line) => startsProgram(line, programs)),
  });
  const route = (stream: Stream) => (line: string, cut: boolean) => {
    const unwrapped = cut ? null : wrapped.unwrap(line);
    if (unwrapped === null) return main.file.line(stream, line, cut);
    const lane = laneOf(unwrapped.source, unwrapped.folder ?? null);
    if (unwrapped.starts !== undefined) lane.starts(unwrapped.starts);
    else lane.file.line(stream, unwrapped.text, false);
  };
  const streams = { stdout: textLines(route('stdout')), stderr: textLines(route('stderr')) };

  return {
    write: (stream, chunk) => streams[stream].write(chunk),
    end() {
      for (const stream of Object.values(streams)) stream.end();
      for (const lane of bySource.values()) lane.file.end();
    },
    get all() {
      return [...bySource.values()];
    },
    get unsettled() {
      return wrapped.unsettled;
    },
    get late() {
      return wrapped.late;
    },
  };
}

import type { LogContext, NamedParser, Stream } from '../define.ts';
import { programsOf } from '../tools/parser-words.ts';
import { type BuildProof, buildProof } from './build-proof.ts';
import { startsProgram } from './command-words.ts';
import { type Dispatcher, dispatcher } from './dispatcher.ts';
import { makeFolders } from './make-folders.ts';
import type { Observations } from './observations.ts';
import { exitTells, programName, startsOnly } from './program-name.ts';
import { type Reading, reading } from './reading.ts';
import type { Folder, Places } from './repository-path.ts';
import { stepsOf } from './steps.ts';
import { textLines } from './text-lines.ts';
import { wrappers } from './wrappers.ts';

/** What one source wrote into a log: a service, a package, a step of a build; or the log itself. */
export type Lane = {
  readonly source: string;
  /** The step of the command that wrote it, from 1; 0 for none. */
  readonly step: number;
  readonly readings: readonly Reading[];
  readonly file: Dispatcher;
  /** What was heard of commands that others start. */
  readonly built: BuildProof;
};

type Lanes = {
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  /** After the last chunk. */
  end(): void;
  readonly all: readonly Lane[];
  /** The exit codes of the steps that were marked, by number; null for one that did not end. */
  readonly exits: ReadonlyMap<number, number | null>;
  /** Whether the files of the tree would tell what a line meant. */
  readonly unsettled: boolean;
  /** Prefixes that turned out to be a wrapper's when lines with them had been read as they were; else null. */
  readonly late: readonly string[] | null;
};

type LanesDeps = {
  readonly context: LogContext;
  readonly parsers: readonly NamedParser[];
  /** The same, the likeliest first. */
  readonly order: readonly NamedParser[];
  readonly found: Observations;
  readonly places: Places;
  /** What `late` was in an earlier reading. */
  readonly learned: readonly string[];
  problem(text: string): void;
  note(text: string): void;
  /** Whether files that this command may have left say why it failed; asked when they are read. */
  explainedByFiles(command: string): boolean;
  /** Whether something of the log or the files could not be read. */
  doubtful(): boolean;
  /** Every line of text, as its tool meant it. */
  heard(line: string, stream: Stream, step: number): void;
};

/** Sources beyond these are read as one. */
const mostLanes = 128;
const mostEchoed = 50;
/** Script lines that npm (`> eslint .`), yarn and GitLab (`$ eslint .`), Jenkins (`+ eslint .`), tox, nox and Docker tell. */
const echo =
  /^(?:[>$+] |Run |[\w.-]{1,60}: commands(?:_pre|_post)?\[\d{1,3}\]> |[\w.-]{1,60} run-test: commands\[\d{1,3}\] \| |nox > |Step \d{1,3}\/\d{1,3} : RUN |task: \[[\w:.-]{1,60}\] )(\S.{0,1999})/;

/** Reads what different sources wrote into one log apart: their lines mix, and each may be in the middle of something. */
export function lanes({
  context: whole,
  parsers,
  order,
  found,
  places,
  learned,
  problem,
  note,
  explainedByFiles,
  doubtful,
  heard,
}: LanesDeps): Lanes {
  const bySource = new Map<string, Lane & { starts(command: string): void }>();
  const echoed: string[] = [];

  const steps = stepsOf(whole.command);
  const exits = new Map<number, number | null>();

  const open = (source: string, step: number, named: Folder | null) => {
    const command = steps[step - 1]?.text ?? whole.command;
    const context = command === whole.command ? whole : { ...whole, command };
    const own: string[] = [];
    const folders = makeFolders();
    const folder = () => folders.now ?? named;
    const runs = (programs: readonly string[]) =>
      [context.command, ...(context.leads ?? []), ...own, ...echoed].some((line) => startsProgram(line, programs));
    const starts = (command: string) => {
      const all = source === '' ? echoed : own;
      if (all.length < mostEchoed) all.push(command);
    };
    const built = buildProof(context.command);
    const explained = (but?: NamedParser): boolean =>
      [...bySource.values()]
        .filter((lane) => lane.step === step)
        .some((lane) => lane.readings.some((one) => one.parser !== but && one.explains)) ||
      explainedByFiles(context.command);
    const program = () => {
      const byEcho = [...echoed, ...own].findLast((line) => !/^\S+@\d/.test(line));
      return (byEcho === undefined ? null : programName(byEcho)) ?? programName(context.command);
    };
    let isKnown: boolean | undefined;
    const scene = {
      context,
      found,
      places,
      folder,
      runs,
      problem,
      built,
      program,
      proved: (name: string | null) =>
        name !== null &&
        name === programName(context.command) &&
        !doubtful() &&
        exitTells(context.command) &&
        !readings.some((one) => one.parser.last !== true && one.saw) &&
        !parsers.some((one) => startsProgram(context.command, programsOf(one))),
      known: () => {
        isKnown ??= startsOnly(context.command, parsers.flatMap(programsOf));
        return isKnown;
      },
      explained,
      explainedElse: explained,
    };
    const readings: readonly Reading[] = order.map((parser) => reading(parser, scene));
    const signed = readings.filter(({ parser }) => parser.sign !== undefined);
    const text = (line: string, stream: Stream) => {
      heard(line, stream, step);
      const command = echo.exec(line)?.[1];
      built.hear(line, command);
      if (command !== undefined) starts(command);
      for (const one of signed) if (one.waits) one.hear(line);
      return true;
    };
    const file = dispatcher({ parsers, readings, runs, problem, note, text, past: folders.line });
    const lane = { source, step, readings, file, starts, built };
    bySource.set(`${step} ${source}`, lane);
    return lane;
  };
  const main = open('', 0, null);
  const laneOf = (source: string, step: number, folder: Folder | null) =>
    bySource.get(`${step} ${source}`) ?? (bySource.size < mostLanes ? open(source, step, folder) : main);

  const wrapped = wrappers({
    learned,
    isFile: (path) => places.isFile(path),
    runs: (programs) => startsProgram(whole.command, programs) || echoed.some((line) => startsProgram(line, programs)),
  });
  const route = (stream: Stream) => {
    let step = 0;
    const line = (text: string, cut: boolean) => {
      const unwrapped = cut ? null : wrapped.unwrap(text);
      if (unwrapped === null) return laneOf('', step, null).file.line(stream, text, cut);
      const lane = laneOf(unwrapped.source, step, unwrapped.folder ?? null);
      if (unwrapped.starts !== undefined) lane.starts(unwrapped.starts);
      else lane.file.line(stream, unwrapped.text, false);
    };
    return textLines(line, {
      pieces: (piece, isLast) => laneOf('', step, null).file.piece(stream, piece, isLast),
      marked(mark) {
        if (mark.step > steps.length) return;
        step = mark.exitCode === null ? mark.step : 0;
        exits.set(mark.step, mark.exitCode ?? exits.get(mark.step) ?? null);
      },
    });
  };
  const streams = { stdout: route('stdout'), stderr: route('stderr') };

  return {
    write: (stream, chunk) => streams[stream].write(chunk),
    end() {
      for (const stream of Object.values(streams)) stream.end();
      // One that wrote nothing says something too.
      for (const step of exits.keys()) laneOf('', step, null);
      for (const lane of bySource.values()) lane.file.end();
    },
    get all() {
      return [...bySource.values()];
    },
    exits,
    get unsettled() {
      return wrapped.unsettled;
    },
    get late() {
      return wrapped.late;
    },
  };
}

import type { Observation } from '../events/finding.ts';
import type { TestCounts } from '../events/jobs/job.ts';
import type { Exit, LogContext, NamedParser, Stream, ToolRun } from './define.ts';
import { buildProof } from './engine/build-proof.ts';
import { startsProgram } from './engine/command-words.ts';
import { coverageFiles } from './engine/coverage-files.ts';
import type { ParsedCoverage } from './engine/coverage-sum.ts';
import { lanes } from './engine/lanes.ts';
import { type LastWords, lastWords } from './engine/last-words.ts';
import { maxFindings, observations } from './engine/observations.ts';
import { detached } from './engine/plain-text.ts';
import { programName } from './engine/program-name.ts';
import { reading } from './engine/reading.ts';
import { reportFiles } from './engine/report-files.ts';
import { places } from './engine/repository-path.ts';
import { deadSteps } from './engine/step-results.ts';
import { type ToolTally, testCounts } from './engine/test-counts.ts';
import { figuresOf, type TestFigures } from './engine/test-figures.ts';
import { parsers as allParsers } from './registry.ts';
import { languagesOf } from './tools/parser-words.ts';

export type { LogContext, ToolRun } from './define.ts';

/** Reads a log as it is written, and files that the run left. `end` is called once, after the last chunk of all. */
export type LogReader = {
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  /**
   * A piece of a file that the run left, such as `TEST-a.xml` or `lcov.info`; one file after the other, after the last `write`. `name`
   * is for the words of problems. What no parser knows is passed over in silence; what the log told already is no new
   * finding.
   */
  report(name: string, chunk: Uint8Array): void;
  end(exit: Exit): ParsedLog;
};

export type ParsedLog = {
  readonly findings: Observation[];
  readonly tools: ToolRun[];
  /**
   * The tests that ran, each once, whether the log or a report told of them; null when no tool said any number, or the
   * run did not end by itself.
   */
  readonly tests: TestCounts | null;
  /** Packages that a tool passed over, as `tool\nname`: its silence about them proves nothing. */
  readonly skipped: ReadonlySet<string>;
  /** Files that tools named as looked at, as `tool\nfile`; `tool\n` alone: there were more. None of a tool that lists none. */
  readonly looked: ReadonlySet<string>;
  /** What result files, or documents in the log that are some, say of the tests one by one; null when there were none. */
  readonly figures: TestFigures | null;
  /** What its coverage reports say together; null when it left none, or one of them could not be read. */
  readonly coverage: ParsedCoverage | null;
  /** What could not be read, in words for people: `eslint: JSON was cut off`. */
  readonly problems: string[];
  /** The first of them that leaves every tool of the run in doubt, or null. */
  readonly unproven: string | null;
  /** Its exit code says that a build tool had all of a clean tree compiled: a compiler that said nothing found nothing. */
  readonly built: boolean;
  /** `context.tree` was not given, and would have told more of where something is. */
  readonly unsettled: boolean;
};

const maxProblems = 50;
const notFound =
  /^(?:\/\S{1,100}\/)?(?:sh|dash|bash|zsh): (?:(?:line )?\d{1,6}: )?(\S{1,200}): (?:command )?not found$/;
/** Bytes of a log that are kept until its end. */
const maxKept = 8 * 1024 * 1024;

/** Starts reading one log. Pure: no files, no clock; never throws, whatever the bytes are. */
export function readLog(context: LogContext, parsers: readonly NamedParser[] = allParsers): LogReader {
  const order = ranked(parsers, context);
  const where = places(context);
  const open = (learned: readonly string[]) => {
    const found = observations();
    const words = lastWords();
    const problems = new Set<string>();
    const problem = (text: string) => {
      if (problems.size < maxProblems) problems.add(text);
    };
    const notes = new Set<string>();
    const note = (text: string) => {
      if (notes.size < maxProblems) notes.add(text);
    };
    /** What each step said last, and programs that the shell did not find. */
    const stepWords = new Map<number, LastWords>();
    const missing = new Set<string>();
    const heard = (line: string, stream: Stream, step: number) => {
      const pipe = stream === 'stdout' ? 'stdout' : 'stderr';
      words.add(line, pipe);
      if (step > 0) {
        const own = stepWords.get(step) ?? lastWords();
        stepWords.set(step, own);
        own.add(line, pipe);
      }
      const absent = line.endsWith('not found') ? notFound.exec(line)?.[1] : undefined;
      if (absent !== undefined && missing.size < maxProblems) missing.add(detached(absent));
    };
    const explainedByFiles = (command: string) => left?.explainsFor(command) === true;
    const doubtful = () => problems.size > 0;
    const given = { context, parsers, order, found, places: where, learned };
    const log = lanes({ ...given, problem, note, explainedByFiles, doubtful, heard });
    const runs = (programs: readonly string[]) =>
      [context.command, ...(context.leads ?? [])].some((line) => startsProgram(line, programs));
    const scene = {
      context,
      found,
      places: where,
      folder: () => null,
      runs,
      problem,
      built: buildProof(context.command),
      program: () => programName(context.command),
      proved: () => false,
      known: () => false,
      explained: () => false,
      explainedElse: () => log.all.some((lane) => lane.readings.some((one) => one.explains)) || files.explains(),
    };
    const fresh = () => order.map((parser) => reading(parser, scene));
    const coverage = coverageFiles(places(context), note);
    const files = reportFiles({ parsers, fresh, coverage, runs, problem, note });
    return { coverage, found, words, stepWords, missing, problems, problem, notes, log, files };
  };
  /** What the files that the run left came to, when they are read. */
  let left: ReturnType<ReturnType<typeof reportFiles>['end']> | null = null;
  let at = open([]);
  /** The log so far, while it is small enough to be read once more. */
  let chunks: (readonly ['stdout' | 'stderr', Uint8Array])[] | null = [];
  let size = 0;
  let logEnded = false;
  const endLog = () => {
    if (logEnded) return;
    logEnded = true;
    at.log.end();
    const { late } = at.log;
    if (late !== null && chunks !== null) {
      at = open(late);
      for (const [stream, chunk] of chunks) at.log.write(stream, chunk);
      at.log.end();
    }
    chunks = null;
  };

  return {
    write(stream, chunk) {
      size += chunk.length;
      if (size > maxKept) chunks = null;
      chunks?.push([stream, Uint8Array.from(chunk)]);
      at.log.write(stream, chunk);
    },
    report(name, chunk) {
      endLog();
      at.files.write(name, chunk);
    },
    end(exit) {
      endLog();
      const { found, words, stepWords, missing, problems, problem, notes, log, files, coverage } = at;
      left = files.end(exit);
      const readings = log.all.flatMap((lane) => lane.readings);
      const ended = log.all.map(({ source, step, readings: own, file, built }) => {
        const exitCode = built.behind(log.exits.get(step) ?? exit.exitCode);
        // A command in steps is silent where its steps are.
        const isWhole = source === '' && !file.sawUnknown && (step > 0 || log.exits.size === 0);
        const [ending, how] = [
          { ...exit, exitCode },
          { doubt: file.doubt, isWhole },
        ];
        const runs = own.flatMap((one) => one.end(ending, how));
        return { step, exitCode, tools: runs, tallies: own.flatMap((one) => one.tallies(false)) };
      });
      const byFiles = { step: null, exitCode: exit.exitCode, ...left };
      const tools = agreed([...withoutContradiction(ended), ...withoutContradiction([...ended, byFiles], [byFiles])]);
      const facts = { parsers, lanes: log.all, exits: log.exits, tools, missing, explainsFor: left.explainsFor };
      const dead = deadSteps(context, exit, facts);
      const explained = found.kept.length > 0 && (left.explains || readings.some((one) => one.explains));
      for (const parser of parsers) {
        if (parser.otherwise === undefined) continue;
        const drafts = dead.map(({ tool, exitCode, step }) =>
          parser.otherwise?.({
            context,
            exit: { ...exit, exitCode },
            explained: false,
            quote: stepWords.get(step)?.quote() ?? '',
            tool,
          }),
        );
        if (dead.length === 0) drafts.push(parser.otherwise({ context, exit, explained, quote: words.quote() }));
        const added = drafts.filter((draft) => draft && found.add(draft, parser.tool, (file) => where.at(file)));
        const complete = exit.reason === 'exited' && exit.exitCode !== null;
        tools.push({ tool: parser.tool, parser: parser.name, complete, findings: added.length });
      }
      if (found.cut() > 0) problem(`${found.cut()} findings beyond ${maxFindings} were left out`);
      const tallies = [...readings.flatMap((one) => one.tallies(false)), ...left.tallies];
      const unsettled = context.tree === undefined && (where.unsettled || log.unsettled || coverage.seen);
      const told = [...readings.flatMap((one) => one.tests ?? []), ...left.tests];
      const figures = exit.reason === 'exited' ? figuresOf(told) : null;
      const several = figures !== null && figures.formats.length > 1 ? figures : null;
      const tests = exit.reason === 'exited' ? testCounts(tallies, several) : null;
      const measured = exit.reason === 'exited' ? coverage.read() : null;
      const [unproven = null] = problems;
      const built =
        exit.reason === 'exited' &&
        log.all.some((lane) => (log.exits.get(lane.step) ?? exit.exitCode) === 0 && lane.built.builtAll());
      return {
        findings: [...found.kept],
        tools,
        tests,
        skipped: new Set([...readings.flatMap((one) => one.skipped), ...left.skipped]),
        looked: new Set([...readings.flatMap((one) => one.looked), ...left.looked]),
        figures,
        coverage: measured,
        problems: [...problems, ...notes],
        unproven,
        built,
        unsettled,
      };
    },
  };
}

/** Lists that were ordered lately, by language and recipe. */
const orders = new WeakMap<readonly NamedParser[], Map<string, readonly NamedParser[]>>();
const mostOrders = 64;

/** Parsers of this language and recipe first; among equals the order of the registry. */
function ranked(parsers: readonly NamedParser[], context: LogContext): readonly NamedParser[] {
  const own = orders.get(parsers) ?? new Map<string, readonly NamedParser[]>();
  orders.set(parsers, own);
  const key = `${context.recipe} ${context.language}`;
  const order = own.get(key) ?? inOrder(parsers, context);
  if (own.size >= mostOrders) own.clear();
  own.set(key, order);
  return order;
}

function inOrder(parsers: readonly NamedParser[], context: LogContext): NamedParser[] {
  const language = context.language === 'javascript' ? 'typescript' : context.language;
  const rank = (parser: NamedParser) =>
    (parser.last === true ? 4 : 0) +
    (languagesOf(parser).includes(language) ? 0 : 2) +
    (parser.recipes.includes(context.recipe) ? 0 : 1);
  return [...parsers].sort((a, b) => rank(a) - rank(b));
}

/** What was read of one step of the command, or of the files that it left: then `step` is null. */
type StepRead = {
  readonly step: number | null;
  readonly exitCode: number | null;
  readonly tools: readonly ToolRun[];
  readonly tallies: readonly ToolTally[];
};

/**
 * A step that failed, and of which nothing was read that says why, proves nothing: whatever its tools said, more was wrong.
 * But for tests that ran and were counted: what failed beside them is another thing.
 */
function withoutContradiction(read: readonly StepRead[], asked = read): ToolRun[] {
  return asked.flatMap(({ step, exitCode, tools, tallies }) => {
    const together = step === null ? read : read.filter((one) => one.step === step);
    const isExplained = together.some((one) => one.tools.some(({ findings }) => findings > 0));
    if (exitCode === 0 || exitCode === null || isExplained) return tools;
    const ran = (name: string) =>
      exitCode < 126 && tallies.some(({ tool, tally }) => tool === name && (tally.passed ?? 0) > 0);
    return tools.map((one) => ({ ...one, complete: one.complete && ran(one.tool) }));
  });
}

/** One row a tool and parser; a tool that several parsers, or files, told of is complete only where all of them say so. */
function agreed(tools: readonly ToolRun[]): ToolRun[] {
  const doubtful = new Set(tools.filter((one) => !one.complete).map((one) => one.tool));
  const rows = new Map<string, ToolRun>();
  for (const { tool, parser, findings } of tools) {
    const key = `${tool}\n${parser}`;
    const before = rows.get(key)?.findings ?? 0;
    rows.set(key, { tool, parser, complete: !doubtful.has(tool), findings: before + findings });
  }
  return [...rows.values()];
}

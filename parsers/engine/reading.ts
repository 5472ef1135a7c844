import type {
  Exit,
  Json,
  LogContext,
  Machine,
  Parser,
  PathBase,
  Run,
  Stream,
  Taken,
  Tally,
  ToolRun,
  XmlElement,
} from '../define.ts';
import { programsOf } from '../tools/parser-words.ts';
import { toolNamed } from '../tools/registry.ts';
import type { BuildProof } from './build-proof.ts';
import { isAlone, provedByExit } from './command-words.ts';
import { isFields } from './json-value.ts';
import type { Kept, Observations } from './observations.ts';
import { detached, plain } from './plain-text.ts';
import type { Folder, Places } from './repository-path.ts';
import { plus, type ToolTally } from './test-counts.ts';
import { type TestSum, testSum } from './test-figures.ts';
import { retries } from './test-tries.ts';

/** One parser at work on one log. */
export type Reading = {
  readonly parser: Parser;
  line(line: string, stream: Stream, previous: string): Taken;
  /** Whether it was a document of this tool. */
  json(value: Json, stream: Stream): boolean;
  /** Whether a document with this root is of this tool. */
  xmlRoot(root: XmlElement): boolean;
  xml(element: XmlElement, parents: readonly XmlElement[], stream: Stream): void;
  /** `[]` was printed, and the command starts this tool. */
  emptyDocument(): void;
  /** A document of this tool broke off. */
  cut(): void;
  /**
   * Once, after the last line: also adds what the tool said about its own failure. `doubt`: a document broke off that
   * may have been this tool's.
   */
  end(exit: Exit, how: { readonly doubt: boolean; readonly isWhole: boolean }): ToolRun[];
  /** The tests that it counted, by tool; `isFile`: in a file that the run left. None where a document broke off. */
  tallies(isFile: boolean): ToolTally[];
  /** The tests that it told of one by one; null where a document broke off, or it told of none. */
  readonly tests: TestSum | null;
  /** Packages that its tool passed over. */
  readonly skipped: readonly string[];
  /** Files that its tools say they looked at, as `tool\nfile`; `tool\n` where there were more, or some have no place. */
  readonly looked: readonly string[];
  /** Whether its tool, or another that it reads, was seen. */
  readonly saw: boolean;
  /** Whether anything came to it. */
  readonly used: boolean;
  /** Whether something that it found is a reason for a recipe to fail. */
  readonly explains: boolean;
  /** A line that any parser may have got; looked at while it is not known whose the drafts are. */
  hear(line: string): void;
  /** Drafts wait for a sign of the tool. */
  readonly waits: boolean;
};

/** Where a parser is at work. */
export type Scene = {
  readonly context: LogContext;
  readonly found: Observations;
  readonly places: Places;
  /** The folder that what is read said it is in. */
  folder(): Folder | null;
  /** What is read is a file that the run left. */
  readonly isFile?: boolean;
  /** Whether the command starts one of these programs. */
  runs(programs: readonly string[]): boolean;
  problem(text: string): void;
  /** What was heard of commands that others start. */
  readonly built: BuildProof;
  /** The name of the program that prints here, as the line or the command names it. */
  program(): string | null;
  /** Whether the exit code 0 of a program that no parser knows says that it found nothing. */
  proved(program: string | null): boolean;
  /** Whether something that was found here is a reason to fail; `but`: beside what this parser found. */
  explained(): boolean;
  explainedElse(but: Parser): boolean;
  /** Whether all that is started here is of tools that parsers read. */
  known(): boolean;
};

/** A file that a tool looked at; without a file: it looked at more than is listed. */
export const lookedKey = (tool: string, file: string) => `${tool}\n${file}`;

/** A package that a tool passed over; how its name is written does not count. */
export const skippedKey = (tool: string, name: string) => `${tool}\n${name.toLowerCase().replace(/[-_.]+/g, '-')}`;

const maxCrashes = 5;
const maxTests = 20_000;
const maxSkipped = 5_000;
const maxLooked = 50_000;
const placeless = () => ({ file: null, state: 'inside' }) as const;

export function reading(parser: Parser, scene: Scene): Reading {
  const { context, found, places, runs } = scene;
  const counts = new Map<string, number>();
  const crashes = new Map<string, string[]>();
  const tallies = new Map<string, Tally>();
  let tests: TestSum | null = null;
  const source = { parser: parser.name, isFile: scene.isFile === true || parser.results === true };
  /** The failing tests that were told, by tool. */
  const told = new Map<string, Set<string>>();
  const lost = new Map<string, { count: number; first: string }>();
  /** Drafts of lines that others print too, with the tool that they were kept under. */
  const alike: { kept: Kept; tool: string }[] = [];
  const skipped = new Set<string>();
  const looked = new Set<string>();
  let signed = false;
  const tried = retries();
  let forgiven = true;
  let wasCut = false;
  let empty = false;
  let explains = false;

  const saw = (tool = parser.tool) => {
    if (!counts.has(tool)) counts.set(tool, 0);
  };
  /** The parser's own tool, unless it named another as the one that wrote. */
  const sawSome = () => {
    if (counts.size === 0) saw();
  };
  const run: Run = {
    context,
    saw,
    runs: (...programs) => runs(programs),
    alone: (...programs) => [context.command, ...(context.started ?? [])].some((one) => isAlone(one, programs)),
    builtAll: () => scene.built.builtAll() || scene.built.echoProves(programsOf(parser)),
    path(printed, base?: PathBase) {
      const { file, state } = places.at(printed, base, scene.folder());
      return state === 'inside' || state === 'assumed' ? file : null;
    },
    isInside: (printed) => places.at(printed, 'cwd', scene.folder()).state === 'inside',
    isFile: (printed) => places.asFile(printed, scene.folder()),
    sign: () => {
      signed = true;
    },
    program: scene.program,
    proved: scene.proved,
    explained: scene.explained,
    known: scene.known,
    report(draft, base) {
      // An entry that says nothing, of a form that the parser does not know.
      if (draft.message === '' && !draft.file) {
        cutShort();
        return;
      }
      const tool = draft.tool ?? parser.tool;
      saw(tool);
      if (draft.severity === 'error' || !(parser.errorsOnly || (parser.last && context.recipe !== 'lint')))
        explains = true;
      if (draft.kind === 'test_fail') tell(tool, `${draft.code}\n${draft.file}`);
      if (draft.file && places.at(draft.file, base, scene.folder()).state === 'lost') {
        const before = lost.get(tool);
        lost.set(tool, { count: (before?.count ?? 0) + 1, first: before?.first ?? detached(draft.file) });
      }
      const at = (printed: string) => places.at(printed, base, scene.folder());
      const withdrawn = () => void counts.set(tool, (counts.get(tool) ?? 1) - 1);
      const kept = found.add(draft, tool, at, source, withdrawn);
      if (draft.alike !== true) signed = true;
      if (kept === null) return;
      counts.set(tool, (counts.get(tool) ?? 0) + 1);
      if (draft.alike === true) alike.push({ kept, tool });
      if (draft.kind === 'test_fail') tried.told(tool, draft.code ?? null, kept);
    },
    counted(tally, tool = parser.tool) {
      tallies.set(tool, plus(tallies.get(tool) ?? null, tally));
    },
    test(result) {
      const { file = null, state = null } = result.file ? places.at(result.file, 'cwd', scene.folder()) : {};
      tests ??= testSum(parser.name);
      const failures = tried.failuresBefore(result, result.tool ?? parser.tool);
      tests.add(result, state === 'foreign' ? null : file, failures);
    },
    skipped(name) {
      if (skipped.size < maxSkipped) skipped.add(detached(name.slice(0, 200)));
    },
    looked(file, tool = parser.tool) {
      const own = file === null || file === '' ? null : run.path(file);
      looked.add(lookedKey(tool, own === null || looked.size >= maxLooked ? '' : detached(own)));
    },
    crashed(words, tool = parser.tool) {
      saw(tool);
      const said = crashes.get(tool) ?? [];
      const text = plain(words, 1000);
      if (said.length < maxCrashes && !said.includes(text)) said.push(text);
      crashes.set(tool, said);
    },
  };
  /** An entry of a document is none that the parser knows: the others are read. */
  const cutShort = () => {
    scene.problem(`${parser.tool}: an entry could not be read`);
    wasCut = true;
  };
  const tell = (tool: string, test: string) => {
    const tests = told.get(tool) ?? new Set<string>();
    if (tests.size < maxTests) tests.add(detached(test));
    told.set(tool, tests);
  };
  /** Why a tool that came to its end did not tell all, in words; null when it did. */
  const shortOf = (tool: string): string | null => {
    const { failed = 0, errors = 0 } = tallies.get(tool) ?? {};
    const read = told.get(tool)?.size ?? 0;
    if (failed + errors > read) return `${tool} counts ${failed + errors} failures, and ${read} of them were read`;
    const places = lost.get(tool);
    if (places === undefined) return null;
    return `${tool} names ${places.count} places that are not in the repository, such as ${plain(places.first, 200)}`;
  };
  const reportCrashes = (exit: Exit) => {
    for (const [tool, said] of crashes) {
      const code = exit.exitCode === null ? 'exit_unknown' : `exit_${exit.exitCode}`;
      const ended = exit.exitCode === null ? 'did not exit' : `exited with ${exit.exitCode}`;
      const message = `${context.recipe} recipe ${ended}: ${tool}: ${said.join(' | ')}`;
      const draft = { kind: 'recipe_fail', severity: 'error', code, message, raw: { text: said.join('\n') } } as const;
      if (found.add(draft, tool, placeless, source)) counts.set(tool, (counts.get(tool) ?? 0) + 1);
    }
  };
  /** Whether an exit code 0 without a word says that the tool ran: by the command, or as others told that they started it. */
  const silenceProves = () => {
    const programs = programsOf(parser);
    return provedByExit(context.command, programs) || scene.built.echoProves(programs);
  };
  /** Takes back the failures of tests that passed in the end, unless nothing else says why the run failed. */
  const forgive = (exit: Exit) => {
    const { passed, left } = tried;
    if (passed.length === 0) return;
    const isFine = exit.exitCode === 0 || left > 0 || scene.explainedElse(parser);
    if (!isFine) {
      forgiven = false;
      return;
    }
    for (const { tool, kept, failures } of passed) {
      const tally = tallies.get(tool);
      if (tally !== undefined) tallies.set(tool, { ...tally, failed: Math.max((tally.failed ?? 0) - failures, 0) });
      for (const one of kept) one.drop();
      counts.set(tool, Math.max((counts.get(tool) ?? 0) - kept.length, 0));
    }
  };
  /** What nothing says to be of this tool is of the program that the command starts: its rows. */
  const unsigned = (): ToolRun[] => {
    if (
      signed ||
      alike.length === 0 ||
      runs(programsOf(parser)) ||
      (isBuild(context) && toolNamed(parser.tool)?.builds === true && runs(builders))
    )
      return [];
    if (context.recipe === 'lint') explains = true;
    const name = scene.program() ?? 'generic';
    for (const { kept, tool } of alike) {
      kept.rename(name);
      counts.delete(tool);
    }
    return [{ tool: name, parser: parser.name, complete: false, findings: alike.length }];
  };
  let started: Machine | null = null;
  const machine = (): Machine => {
    started ??= parser.start(run);
    return started;
  };
  return {
    parser,
    line: (line, stream, previous) => machine().line?.(line, stream, previous) ?? 'no',
    json(value, stream) {
      if (!parser.json?.is(value, context)) return false;
      const plain = withoutOdd(value);
      if (plain !== value) cutShort();
      machine().json?.(plain, stream);
      sawSome();
      return true;
    },
    xmlRoot(root) {
      if (!parser.xml?.roots.includes(root.name) || parser.xml.is?.(root) === false) return false;
      return true;
    },
    xml(element, parents, stream) {
      machine().xml?.(element, parents, stream);
      if (parents.length === 0) sawSome();
    },
    emptyDocument() {
      saw();
      empty = true;
    },
    cut() {
      sawSome();
      wasCut = true;
    },
    end(exit, { doubt, isWhole }) {
      const proved = machine().end(exit);
      forgive(exit);
      const others = unsigned();
      const ended = exit.reason === 'exited' && exit.exitCode !== null;
      const quiet = isWhole && parser.quiet === true && exit.exitCode === 0 && counts.size === 0;
      const silent = quiet && ended && silenceProves();
      if (silent) saw(parser.silentTool?.(context, runs));
      const whole = !wasCut && !(doubt && (parser.json !== undefined || parser.xml !== undefined));
      const complete = ended && whole && crashes.size === 0 && (proved || silent || (empty && exit.exitCode === 0));
      reportCrashes(exit);
      return [...counts]
        .map(([tool, findings]) => {
          const short = ended ? shortOf(tool) : null;
          if (short !== null) scene.problem(short);
          return { tool, parser: parser.name, complete: complete && short === null, findings };
        })
        .concat(others);
    },
    tallies: (isFile) =>
      [...(wasCut ? [] : tallies)].map(([tool, tally]) => ({
        tool,
        parser: parser.name,
        report: isFile || parser.results === true,
        outer: parser.outer === true,
        tally,
      })),
    get tests() {
      return wasCut ? null : tests;
    },
    get skipped() {
      return [...skipped].map((name) => skippedKey(parser.tool, name));
    },
    get looked() {
      return [...looked];
    },
    get saw() {
      return counts.size > 0;
    },
    get used() {
      return started !== null || counts.size > 0;
    },
    get explains() {
      // Tests that passed in the end are no reason.
      const isTried = forgiven && tried.passed.length > 0 && tried.left === 0;
      return (explains && !isTried) || crashes.size > 0;
    },
    hear(line) {
      if (parser.sign?.test(line.slice(0, 1000))) signed = true;
    },
    get waits() {
      return !signed && alike.length > 0 && parser.sign !== undefined;
    },
  };
}

/** Programs that start compilers, whose lines are those of the compiler that the language is known by. */
const builders =
  'make gmake ninja cmake meson scons bazel mvn mvnw gradle gradlew ant sbt autoreconf docker podman'.split(' ');
const isBuild = ({ recipe }: LogContext) => recipe === 'build' || recipe === 'test';

/** Without what stands among the objects of a list and is none. */
function withoutOdd(value: Json): Json {
  const own = (list: Json) =>
    Array.isArray(list) && list.some((item) => isFields(item)) && list.some((item) => !isFields(item))
      ? list.filter((item) => isFields(item))
      : list;
  if (!isFields(value)) return own(value);
  if (Object.values(value).every((one) => own(one) === one)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, own(one)]));
}

import type {
  Draft,
  Exit,
  Json,
  LogContext,
  Machine,
  NamedParser,
  PathBase,
  Run,
  Stream,
  Taken,
  Tally,
  TestResult,
  ToolRun,
  XmlElement,
} from '../define.ts';
import { programsOf, toldAll } from '../tools/parser-words.ts';
import { toolNamed } from '../tools/registry.ts';
import type { BuildProof } from './build-proof.ts';
import { isAlone, provedByExit } from './command-words.ts';
import { isFields } from './json-value.ts';
import type { Kept, Observations } from './observations.ts';
import { detached, plain } from './plain-text.ts';
import type { Folder, Places } from './repository-path.ts';
import { plus, type ToolTally } from './test-counts.ts';
import { type TestSum, testSum } from './test-figures.ts';
import { type Retries, retries } from './test-tries.ts';

/** One parser at work on one log. */
export type Reading = {
  readonly parser: NamedParser;
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
  end(exit: Exit, how: { readonly doubt: boolean; readonly isWhole: boolean }): readonly ToolRun[];
  /** The tests that it counted, by tool; `isFile`: in a file that the run left. None where a document broke off. */
  tallies(isFile: boolean): readonly ToolTally[];
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
type Scene = {
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
  explainedElse(but: NamedParser): boolean;
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
const none: readonly never[] = [];
const placeless = () => ({ file: null, state: 'inside' }) as const;

export const reading = (parser: NamedParser, scene: Scene): Reading => new ParserReading(parser, scene);

/** Each log has one for every parser, and nearly all of them hear nothing: what is told is opened when something is. */
class ParserReading implements Reading {
  readonly parser: NamedParser;
  private readonly scene: Scene;
  private told: Told | null = null;
  private started: Machine | null = null;

  constructor(parser: NamedParser, scene: Scene) {
    this.parser = parser;
    this.scene = scene;
  }

  private open(): Told {
    this.told ??= new Told(this.parser, this.scene);
    return this.told;
  }

  private machine(): Machine {
    this.started ??= this.parser.start(this.open());
    return this.started;
  }

  line(line: string, stream: Stream, previous: string): Taken {
    return this.machine().line?.(line, stream, previous) ?? 'no';
  }

  json(value: Json, stream: Stream): boolean {
    if (!this.parser.json?.is(value, this.scene.context)) return false;
    const plain = withoutOdd(value);
    if (plain !== value) this.open().cutShort();
    this.machine().json?.(plain, stream);
    this.open().sawSome();
    return true;
  }

  xmlRoot(root: XmlElement): boolean {
    return this.parser.xml?.roots.includes(root.name) === true && this.parser.xml.is?.(root) !== false;
  }

  xml(element: XmlElement, parents: readonly XmlElement[], stream: Stream): void {
    this.machine().xml?.(element, parents, stream);
    if (parents.length === 0) this.open().sawSome();
  }

  emptyDocument(): void {
    this.open().saw();
    this.open().empty = true;
  }

  cut(): void {
    this.open().sawSome();
    this.open().wasCut = true;
  }

  end(exit: Exit, { doubt, isWhole }: { readonly doubt: boolean; readonly isWhole: boolean }): readonly ToolRun[] {
    const { parser, scene } = this;
    const byCode = toldAll(parser.tool, exit.exitCode);
    const proved = this.machine().end({ ...exit, told: byCode }) && (byCode || parser.anyExit === true);
    const told = this.open();
    told.forgive(exit);
    const others = told.unsigned();
    const ended = exit.reason === 'exited' && exit.exitCode !== null;
    const quiet = isWhole && parser.quiet === true && exit.exitCode === 0 && told.counts.size === 0;
    const silent = quiet && ended && told.silenceProves();
    if (silent) told.saw(parser.silentTool?.(scene.context, scene.runs));
    const whole = !told.wasCut && !(doubt && (parser.json !== undefined || parser.xml !== undefined));
    const complete = ended && whole && !told.hasCrashed && (proved || silent || (told.empty && exit.exitCode === 0));
    told.reportCrashes(exit);
    if (told.counts.size === 0) return others;
    return [...told.counts]
      .map(([tool, findings]) => {
        const short = ended ? told.shortOf(tool) : null;
        if (short !== null) scene.problem(short);
        return { tool, parser: parser.name, complete: complete && short === null, findings };
      })
      .concat(others);
  }

  tallies(isFile: boolean): readonly ToolTally[] {
    const { parser, told } = this;
    if (told === null || told.tallies === null || told.wasCut) return none;
    return [...told.tallies].map(([tool, tally]) => ({
      tool,
      parser: parser.name,
      report: isFile || parser.results === true,
      outer: parser.outer === true,
      tally,
    }));
  }

  get tests(): TestSum | null {
    return this.told === null || this.told.wasCut ? null : this.told.tests;
  }

  get skipped(): readonly string[] {
    const names = this.told?.passedOver;
    return names ? [...names].map((name) => skippedKey(this.parser.tool, name)) : none;
  }

  get looked(): readonly string[] {
    const files = this.told?.lookedAt;
    return files ? [...files] : none;
  }

  get saw(): boolean {
    return this.told !== null && this.told.counts.size > 0;
  }

  get used(): boolean {
    return this.started !== null || this.saw;
  }

  get explains(): boolean {
    return this.told?.isReason ?? false;
  }

  hear(line: string): void {
    if (this.parser.sign?.test(line.slice(0, 1000))) this.open().signed = true;
  }

  get waits(): boolean {
    return this.told?.waits === true;
  }
}

/** What has no tools: shared by all of which nothing was seen, and never written to. */
const nothing: ReadonlyMap<string, number> = new Map();

/** What a machine told of one log, and what became of it. */
class Told implements Run {
  readonly context: LogContext;
  /** How much was found, by tool. */
  counts = nothing;
  tallies: Map<string, Tally> | null = null;
  tests: TestSum | null = null;
  passedOver: Set<string> | null = null;
  lookedAt: Set<string> | null = null;
  signed = false;
  wasCut = false;
  empty = false;
  private readonly parser: NamedParser;
  private readonly scene: Scene;
  private readonly own: readonly string[];
  private crashes: Map<string, string[]> | null = null;
  /** The failing tests that were told, by tool. */
  private failing: Map<string, Set<string>> | null = null;
  private lost: Map<string, { count: number; first: string }> | null = null;
  /** Drafts of lines that others print too, with the tool that they were kept under. */
  private alike: { kept: Kept; tool: string }[] | null = null;
  private tried: Retries | null = null;
  private forgiven = true;
  private explains = false;

  constructor(parser: NamedParser, scene: Scene) {
    this.context = scene.context;
    this.parser = parser;
    this.scene = scene;
    this.own = programsOf(parser);
  }

  private count(tool: string, to: number): void {
    if (this.counts === nothing) this.counts = new Map();
    (this.counts as Map<string, number>).set(tool, to);
  }

  saw(tool = this.parser.tool): void {
    if (!this.counts.has(tool)) this.count(tool, 0);
  }

  /** The parser's own tool, unless it named another as the one that wrote. */
  sawSome(): void {
    if (this.counts.size === 0) this.saw();
  }

  runs(...programs: string[]): boolean {
    return this.scene.runs(programs.length > 0 ? programs : this.own);
  }

  alone(...programs: string[]): boolean {
    const named = programs.length > 0 ? programs : this.own;
    return [this.context.command, ...(this.context.started ?? [])].some((one) => isAlone(one, named));
  }

  builtAll(): boolean {
    const { built } = this.scene;
    return built.builtAll() || built.echoProves(this.own);
  }

  path(printed: string, base?: PathBase): string | null {
    const { file, state } = this.scene.places.at(printed, base, this.scene.folder());
    return state === 'inside' || state === 'assumed' ? file : null;
  }

  isInside(printed: string): boolean {
    return this.scene.places.at(printed, 'cwd', this.scene.folder()).state === 'inside';
  }

  isFile(printed: string): boolean | null {
    return this.scene.places.asFile(printed, this.scene.folder());
  }

  sign(): void {
    this.signed = true;
  }

  program(): string | null {
    return this.scene.program();
  }

  proved(program: string | null): boolean {
    return this.scene.proved(program);
  }

  explained(): boolean {
    return this.scene.explained();
  }

  known(): boolean {
    return this.scene.known();
  }

  report(draft: Draft, base?: PathBase): void {
    // An entry that says nothing, of a form that the parser does not know.
    if (draft.message === '' && !draft.file) {
      this.cutShort();
      return;
    }
    const { parser, context } = this;
    const { found, places, folder } = this.scene;
    const tool = draft.tool ?? parser.tool;
    this.saw(tool);
    if (draft.severity === 'error' || !(parser.errorsOnly || (parser.last && context.recipe !== 'lint')))
      this.explains = true;
    if (draft.kind === 'test_fail') this.tell(tool, `${draft.code}\n${draft.file}`);
    if (draft.file && places.at(draft.file, base, folder()).state === 'lost') {
      this.lost ??= new Map();
      const before = this.lost.get(tool);
      this.lost.set(tool, { count: (before?.count ?? 0) + 1, first: before?.first ?? detached(draft.file) });
    }
    const at = (printed: string) => places.at(printed, base, folder());
    const withdrawn = () => this.count(tool, (this.counts.get(tool) ?? 1) - 1);
    const kept = found.add(draft, tool, at, this.source(), withdrawn);
    if (draft.alike !== true) this.signed = true;
    if (kept === null) return;
    this.count(tool, (this.counts.get(tool) ?? 0) + 1);
    if (draft.alike === true) {
      this.alike ??= [];
      this.alike.push({ kept, tool });
    }
    if (draft.kind === 'test_fail') this.retries().told(tool, draft.code ?? null, kept);
  }

  counted(tally: Tally, tool = this.parser.tool): void {
    this.tallies ??= new Map();
    this.tallies.set(tool, plus(this.tallies.get(tool) ?? null, tally));
  }

  test(result: TestResult): void {
    const { places, folder } = this.scene;
    const { file = null, state = null } = result.file ? places.at(result.file, 'cwd', folder()) : {};
    this.tests ??= testSum(this.parser.name);
    const failures = this.retries().failuresBefore(result, result.tool ?? this.parser.tool);
    this.tests.add(result, state === 'foreign' ? null : file, failures);
  }

  skipped(name: string): void {
    this.passedOver ??= new Set();
    if (this.passedOver.size < maxSkipped) this.passedOver.add(detached(name.slice(0, 200)));
  }

  looked(file: string | null, tool = this.parser.tool): void {
    this.lookedAt ??= new Set();
    const own = file === null || file === '' ? null : this.path(file);
    this.lookedAt.add(lookedKey(tool, own === null || this.lookedAt.size >= maxLooked ? '' : detached(own)));
  }

  crashed(words: string, tool = this.parser.tool): void {
    this.saw(tool);
    this.crashes ??= new Map();
    const said = this.crashes.get(tool) ?? [];
    const text = plain(words, 1000);
    if (said.length < maxCrashes && !said.includes(text)) said.push(text);
    this.crashes.set(tool, said);
  }

  /** An entry of a document is none that the parser knows: the others are read. */
  cutShort(): void {
    this.scene.problem(`${this.parser.tool}: an entry could not be read`);
    this.wasCut = true;
  }

  get hasCrashed(): boolean {
    return this.crashes !== null;
  }

  get isReason(): boolean {
    // Tests that passed in the end are no reason.
    const isTried = this.forgiven && this.tried !== null && this.tried.passed.length > 0 && this.tried.left === 0;
    return (this.explains && !isTried) || this.hasCrashed;
  }

  get waits(): boolean {
    return !this.signed && this.alike !== null && this.parser.sign !== undefined;
  }

  /** Why a tool that came to its end did not tell all, in words; null when it did. */
  shortOf(tool: string): string | null {
    const { failed = 0, errors = 0 } = this.tallies?.get(tool) ?? {};
    const read = this.failing?.get(tool)?.size ?? 0;
    if (failed + errors > read) return `${tool} counts ${failed + errors} failures, and ${read} of them were read`;
    const places = this.lost?.get(tool);
    if (places === undefined) return null;
    return `${tool} names ${places.count} places that are not in the repository, such as ${plain(places.first, 200)}`;
  }

  reportCrashes(exit: Exit): void {
    for (const [tool, said] of this.crashes ?? []) {
      const code = exit.exitCode === null ? 'exit_unknown' : `exit_${exit.exitCode}`;
      const ended = exit.exitCode === null ? 'did not exit' : `exited with ${exit.exitCode}`;
      const message = `${this.context.recipe} recipe ${ended}: ${tool}: ${said.join(' | ')}`;
      const draft = { kind: 'recipe_fail', severity: 'error', code, message, raw: { text: said.join('\n') } } as const;
      if (this.scene.found.add(draft, tool, placeless, this.source()))
        this.count(tool, (this.counts.get(tool) ?? 0) + 1);
    }
  }

  /** Whether an exit code 0 without a word says that the tool ran: by the command, or as others told that they started it. */
  silenceProves(): boolean {
    return provedByExit(this.context.command, this.own) || this.scene.built.echoProves(this.own);
  }

  /** Takes back the failures of tests that passed in the end, unless nothing else says why the run failed. */
  forgive(exit: Exit): void {
    if (this.tried === null) return;
    const { passed, left } = this.tried;
    if (passed.length === 0) return;
    const isFine = exit.exitCode === 0 || left > 0 || this.scene.explainedElse(this.parser);
    if (!isFine) {
      this.forgiven = false;
      return;
    }
    for (const { tool, kept, failures } of passed) {
      const tally = this.tallies?.get(tool);
      if (tally !== undefined)
        this.tallies?.set(tool, { ...tally, failed: Math.max((tally.failed ?? 0) - failures, 0) });
      for (const one of kept) one.drop();
      this.count(tool, Math.max((this.counts.get(tool) ?? 0) - kept.length, 0));
    }
  }

  /** What nothing says to be of this tool is of the program that the command starts: its rows. */
  unsigned(): readonly ToolRun[] {
    const { parser, context, scene, alike } = this;
    if (
      this.signed ||
      alike === null ||
      scene.runs(this.own) ||
      (isBuild(context) && toolNamed(parser.tool)?.builds === true && scene.runs(builders))
    )
      return none;
    if (context.recipe === 'lint') this.explains = true;
    const name = scene.program() ?? 'generic';
    for (const { kept, tool } of alike) {
      kept.rename(name);
      (this.counts as Map<string, number>).delete(tool);
    }
    return [{ tool: name, parser: parser.name, complete: false, findings: alike.length }];
  }

  private source() {
    return { parser: this.parser.name, isFile: this.scene.isFile === true || this.parser.results === true };
  }

  private retries(): Retries {
    this.tried ??= retries();
    return this.tried;
  }

  private tell(tool: string, test: string): void {
    this.failing ??= new Map();
    const tests = this.failing.get(tool) ?? new Set<string>();
    if (tests.size < maxTests) tests.add(detached(test));
    this.failing.set(tool, tests);
  }
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

import type { RecipeName } from '../events/fields.ts';
import type { Edit, FindingKind, Severity } from '../events/finding.ts';

/** `report`: a file that the run left. */
export type Stream = 'stdout' | 'stderr' | 'report';

/** What is known of a run before its first byte. */
export type LogContext = {
  /** Language of the subproject. */
  readonly language: string;
  readonly recipe: RecipeName;
  readonly command: string;
  /** The folder that the command ran in: `.` or `clients/python`. */
  readonly subproject: string;
  /** What scripts of the command start, each once in all of them, and whose exit code they pass on as it is. */
  readonly started?: readonly string[];
  /** Programs of known tools that scripts of the command start, such as `go vet`: what these print is theirs. */
  readonly leads?: readonly string[];
  /** Absolute folders that stand for the root of the repository; they are cut off absolute paths. */
  readonly roots: readonly string[];
  /** The files of the repository at the commit that ran, from its root; absent where they are not known. */
  readonly tree?: readonly string[];
};

/** How the run ended; anything but the reason `exited` means that the log may be cut. */
export type Exit = { readonly exitCode: number | null; readonly reason: string };

/** The same to a parser; `told`: by the card of its tool, a run that ends with this code told all that it found. */
type ToolExit = Exit & { readonly told: boolean };

/** What a parser read; paths as the tool printed them, every field unbounded. The engine does the rest. */
export type Draft = {
  kind: FindingKind;
  severity: Severity;
  /** The tool's own object, or the text that was read. */
  raw: unknown;
  message: string;
  /** When one parser reads several tools. */
  tool?: string;
  tool_severity?: string | null;
  /** The stable name of the rule, test or advisory. */
  code?: string | null;
  /** The tool's own spelling, when `code` was changed. */
  tool_code?: string | null;
  file?: string | null;
  line?: number | null;
  column?: number | null;
  end_line?: number | null;
  suggested_fix?: string | null;
  package?: string | null;
  installed_version?: string | null;
  fixed_version?: string | null;
  aliases?: readonly string[];
  url?: string | null;
  edits?: readonly Edit[];
  /** Other programs print such lines too: it is this tool's only where something else says that the tool was at work. */
  alike?: boolean;
};

/** Whose folder relative paths count from: the one that the command ran in, or for cargo the workspace's. */
export type PathBase = 'cwd' | 'workspace';

/** Tests that a tool says it ran; those that were not to run, or only to be written later, are skipped. */
export type Tally = {
  readonly passed?: number;
  readonly failed?: number;
  readonly skipped?: number;
  /** Failures that the tool counts and that are no tests of their own: set-ups, files that could not be read. */
  readonly errors?: number;
};

/** One test of a result file. */
export type TestResult = {
  /** What it belongs to: a class, a file, the names around it. */
  readonly suite?: string | null;
  readonly name: string;
  /** As it was printed. */
  readonly file?: string | null;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Milliseconds. */
  readonly duration_ms?: number | null;
  /** How often it was tried; one that passes at last is flaky. */
  readonly attempts?: number;
  /** The code of its finding when it fails, and of which tool: of two results of one test in a file the later one counts. */
  readonly code?: string;
  readonly tool?: string;
  /** What else tells it from tests of the same name: the place of its suite in the file. */
  readonly group?: string;
};

/** What a machine may say while it reads. */
export type Run = {
  readonly context: LogContext;
  /** Whether the command, or a script line that npm or yarn echoed, starts one of these programs, or of the tool's own. */
  runs(...programs: string[]): boolean;
  /** Whether the command, or what its scripts come to, is nothing but one of these programs, or of the tool's own: its exit code is the tool's. */
  alone(...programs: string[]): boolean;
  /** Whether an exit code 0 says that a build tool had all of a clean tree compiled, or that a runner of scripts ran it. */
  builtAll(): boolean;
  report(draft: Draft, base?: PathBase): void;
  /** The tool was seen at work. */
  saw(tool?: string): void;
  /** It passed a package over: what it does not say of that one proves nothing. */
  skipped(name: string): void;
  /**
   * It names this file as one that it looked at, whether or not it found something there. A parser says so of every file of
   * a document that lists them all: of what such a document does not list, silence proves nothing.
   */
  looked(file: string | null, tool?: string): void;
  /** The tool failed at its own work: its words become a `recipe_fail`, and its run is not complete. */
  crashed(words: string, tool?: string): void;
  /** Tests that ran, beside those that were counted before. */
  counted(tally: Tally, tool?: string): void;
  /** One test of a result file, beside what is counted of them: for figures over time. */
  test(result: TestResult): void;
  /** A printed path as one inside the repository, or null; where nothing is known of it, as it was printed. */
  path(printed: string, base?: PathBase): string | null;
  /** Whether a printed path is known to lead into the repository. */
  isInside(printed: string): boolean;
  /** Whether a printed path is that of a file of the repository; null where its files are not known. */
  isFile(printed: string): boolean | null;
  /** What was printed can be no other tool's: drafts that were `alike` are its own. */
  sign(): void;
  /** The name of the program that the command, or the last script line that was echoed, starts. */
  program(): string | null;
  /** Whether an exit code 0 says that this program ran and found nothing, and no parser knows it. */
  proved(program: string | null): boolean;
  /** Whether something that was found up to now is a reason for the command to fail. */
  explained(): boolean;
  /** Whether all that the command starts is of tools that parsers read. */
  known(): boolean;
};

/** `no`: not mine. `yes`: mine. `more`: mine, and the next line of this stream comes to me first. */
export type Taken = 'no' | 'yes' | 'more';

/** One reading of one log. Nothing in it may grow with the log. */
export type Machine = {
  /** A document that the parser's `is` accepted. */
  json?(value: Json, stream: Stream): void;
  /**
   * An element out of the parser's `xml.units` with its parents, the root first; at the end of the whole document its
   * root, without children and parents.
   */
  xml?(element: XmlElement, parents: readonly XmlElement[], stream: Stream): void;
  /** A line without its end, colours and CI prefix: one with a cue in it, or one that was asked for with `more`; `previous` is the one before it. */
  line?(line: string, stream: Stream, previous: string): Taken;
  /** Whether what was printed proves that the tool ran to its end and printed all it had. In doubt false. */
  end(exit: ToolExit): boolean;
};

/** A parsed JSON value, of which nothing is known. */
export type Json = unknown;

/** An element of an XML document; names without namespace prefix, `text` without that of its children. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
};

export type Parser = {
  /** Also the name of the file, of the fixture folder and in `tools[].parser`. */
  readonly name: string;
  /** The name of its tool, where that is another one. */
  readonly tool?: string;
  /** Order the candidates; what was printed decides. Those of its tool's card where left out. */
  readonly languages?: readonly string[];
  readonly recipes: readonly RecipeName[];
  /** Words that start the tool in a command, such as `eslint` or `cargo audit`. Those of its card where left out. */
  readonly programs?: readonly string[];
  /** Prints nothing at all, or an empty document, when it finds nothing. */
  readonly quiet?: boolean;
  /** The tool whose silence it is, by the command and what others told that they started; its own where left out. */
  silentTool?(context: LogContext, runs: (programs: readonly string[]) => boolean): string;
  readonly json?: {
    /** The command may tell apart what tools print alike. */
    is(value: Json, context: LogContext): boolean;
    /** Literals that all stand near the start of its documents, by which one that was cut off is known. */
    readonly cut: readonly string[];
    /** A document that is too long to be held may come in parts, each with some of the elements of its lists. */
    readonly elements?: boolean;
  };
  readonly xml?: {
    /** Names of root elements. */
    readonly roots: readonly string[];
    /** Whether a root of that name is of this tool; without it the name is enough. */
    is?(root: XmlElement): boolean;
    /** Elements that are kept whole and handed over when they end; of what is around them only names and attributes. */
    readonly units: readonly string[];
  };
  /** ASCII literals; a line without any of them is never handed over. This is what makes a hundred parsers cheap. */
  readonly cues?: readonly string[];
  /** Its tool exits with 0 over anything below an error: a warning is no reason for a failure. */
  readonly errorsOnly?: boolean;
  /** Its documents are result files, wherever they stand: the log may tell of the same tests in words. */
  readonly results?: boolean;
  /** The files that a run left are read as one: what belongs together is spread over them. */
  readonly gathers?: boolean;
  /** Its tests are programs, which may print counts of their own. */
  readonly outer?: boolean;
  /** What it reads proves by itself that all was told, whatever the exit code: other programs write or start it, too. */
  readonly anyExit?: boolean;
  /** Takes what no other parser took. */
  readonly last?: boolean;
  /** A line that only this tool prints: heard anywhere, it says whose its drafts are that were `alike`. */
  readonly sign?: RegExp;
  /** Follows both streams at once: it gets cues of the one while it holds the other. */
  readonly together?: boolean;
  start(run: Run): Machine;
  /** Asked when all is read. */
  otherwise?(facts: Facts): Draft | null;
};

/** As the registry has it. */
export type NamedParser = Parser & { readonly tool: string };

export type ToolRun = {
  readonly tool: string;
  readonly parser: string;
  /** The log proves that the tool ran to its end and printed all it had: what it did not say is gone. */
  readonly complete: boolean;
  readonly findings: number;
};

/** What is known when a log has been read. */
export type Facts = {
  readonly context: LogContext;
  readonly exit: Exit;
  /** A parser found a reason for the recipe to fail. */
  readonly explained: boolean;
  /** The last meaningful lines of the log, or of the step. */
  readonly quote: string;
  /** The tool of a step that gave no readable end; absent for the whole command. */
  readonly tool?: string;
};

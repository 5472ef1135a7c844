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
import { isAlone, provedByExit } from './command-words.ts';
import type { Observations } from './observations.ts';
import { plain } from './plain-text.ts';
import { repositoryPath } from './repository-path.ts';
import { plus, type ToolTally } from './test-counts.ts';

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
  end(exit: Exit, doubt: boolean): ToolRun[];
  /** The tests that it counted, by tool; `isFile`: in a file that the run left. None where a document broke off. */
  tallies(isFile: boolean): ToolTally[];
  /** Whether anything came to it. */
  readonly used: boolean;
  /** Whether something that it found is a reason for a recipe to fail. */
  readonly explains: boolean;
};

const maxCrashes = 5;

export function reading(
  parser: Parser,
  context: LogContext,
  found: Observations,
  runs: (programs: readonly string[]) => boolean,
): Reading {
  const counts = new Map<string, number>();
  const crashes = new Map<string, string[]>();
  const tallies = new Map<string, Tally>();
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
    alone: (...programs) => isAlone(context.command, programs),
    path: (printed, base?: PathBase) => repositoryPath(printed, context, base),
    report(draft, base) {
      const tool = draft.tool ?? parser.tool;
      saw(tool);
      if (draft.severity === 'error' || !parser.errorsOnly) explains = true;
      if (found.add(draft, tool, base)) counts.set(tool, (counts.get(tool) ?? 0) + 1);
    },
    counted(tally, tool = parser.tool) {
      tallies.set(tool, plus(tallies.get(tool) ?? null, tally));
    },
    crashed(words, tool = parser.tool) {
      saw(tool);
      const said = crashes.get(tool) ?? [];
      const text = plain(words, 1000);
      if (said.length < maxCrashes && !said.includes(text)) said.push(text);
      crashes.set(tool, said);
    },
  };
  const reportCrashes = (exit: Exit) => {
    for (const [tool, said] of crashes) {
      const code = exit.exitCode === null ? 'exit_unknown' : `exit_${exit.exitCode}`;
      const ended = exit.exitCode === null ? 'did not exit' : `exited with ${exit.exitCode}`;
      const message = `${context.recipe} recipe ${ended}: ${tool}: ${said.join(' | ')}`;
      const draft = { kind: 'recipe_fail', severity: 'error', code, message, raw: { text: said.join('\n') } } as const;
      if (found.add(draft, tool)) counts.set(tool, (counts.get(tool) ?? 0) + 1);
    }
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
      machine().json?.(value, stream);
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
    end(exit, doubt) {
      const proved = machine().end(exit);
      const ended = exit.reason === 'exited' && exit.exitCode !== null;
      const quiet = parser.quiet === true && exit.exitCode === 0 && counts.size === 0;
      const silent = quiet && ended && provedByExit(context.command, parser.programs);
      if (silent) saw();
      const whole = !wasCut && !(doubt && (parser.json !== undefined || parser.xml !== undefined));
      const complete = ended && whole && crashes.size === 0 && (proved || silent || (empty && exit.exitCode === 0));
      reportCrashes(exit);
      return [...counts].map(([tool, findings]) => ({ tool, parser: parser.name, complete, findings }));
    },
    tallies: (isFile) =>
      [...(wasCut ? [] : tallies)].map(([tool, tally]) => ({
        tool,
        parser: parser.name,
        report: isFile || parser.results === true,
        outer: parser.outer === true,
        tally,
      })),
    get used() {
      return started !== null || counts.size > 0;
    },
    get explains() {
      return explains || crashes.size > 0;
    },
  };
}

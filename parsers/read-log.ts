import type { Observation } from '../events/finding.ts';
import type { Exit, LogContext, Parser, Stream, ToolRun } from './define.ts';
import { startsProgram } from './engine/command-words.ts';
import { type CueTable, cueMatcher, cueTable } from './engine/cue-matcher.ts';
import { type DocumentSink, type JsonDocuments, jsonDocuments } from './engine/json-documents.ts';
import { lastWords } from './engine/last-words.ts';
import { maxFindings, observations } from './engine/observations.ts';
import { type Reading, reading } from './engine/reading.ts';
import { type TextLines, textLines } from './engine/text-lines.ts';
import { parsers as allParsers } from './registry.ts';

export type { LogContext, ToolRun } from './define.ts';

/** Reads a log as it is written. `end` is called once, after the last chunk. */
export type LogReader = {
  write(stream: Stream, chunk: Uint8Array): void;
  end(exit: Exit): ParsedLog;
};

export type ParsedLog = {
  readonly findings: Observation[];
  readonly tools: ToolRun[];
  /** What could not be read, in words for people: `eslint: JSON was cut off`. */
  readonly problems: string[];
};

const maxProblems = 50;

/** Starts reading one log. Pure: no files, no clock; never throws, whatever the bytes are. */
export function readLog(context: LogContext, parsers: readonly Parser[] = allParsers): LogReader {
  const found = observations(context);
  const words = lastWords();
  const problems = new Set<string>();
  const problem = (text: string) => {
    if (problems.size < maxProblems) problems.add(text);
  };
  /** Script lines that npm (`> eslint .`), yarn (`$ eslint .`) and make echo count as commands too. */
  const echoed: string[] = [];
  const runs = (programs: readonly string[]) =>
    startsProgram(context.command, programs) || echoed.some((line) => startsProgram(line, programs));

  const readings = ranked(parsers, context).map((parser) => reading(parser, context, found, runs));
  const matcher = cueMatcher(tableOf(parsers));
  /** From the place in the list of parsers, which the automaton knows, to the rank in this log. */
  const rankOf = parsers.map((parser) => readings.findIndex((one) => one.parser === parser));
  const holder: Record<Stream, Reading | null> = { stdout: null, stderr: null };
  let latest: Reading | null = null;

  /** A machine that follows one stream is not to take lines of the other for its own, unless it asked to. */
  const isBusy = (one: Reading, stream: Stream) =>
    !one.parser.together && holder[stream === 'stdout' ? 'stderr' : 'stdout'] === one;
  const previous: Record<Stream, string> = { stdout: '', stderr: '' };
  const text = (line: string, stream: Stream) => {
    const before = previous[stream];
    previous[stream] = line;
    words.add(line, stream);
    const held = holder[stream];
    if (held !== null) {
      const taken = held.line(line, stream, before);
      if (taken === 'more') return;
      holder[stream] = null;
      if (taken === 'yes') return;
    }
    if (/^[>$] \S/.test(line) && echoed.length < 50) echoed.push(line.slice(2, 2000));
    const hits = matcher(line);
    if (hits.length === 0) return;
    const ranks = hits.map((index) => rankOf[index] ?? 0);
    for (const rank of ranks.length > 1 ? ranks.sort((a, b) => a - b) : ranks) {
      const candidate = readings[rank];
      if (candidate === undefined || candidate === held || isBusy(candidate, stream)) continue;
      const taken = candidate.line(line, stream, before);
      if (taken === 'no') continue;
      if (taken === 'more') holder[stream] = candidate;
      return;
    }
  };

  const json = (value: unknown, stream: Stream): boolean => {
    if (Array.isArray(value) && value.length === 0) {
      const mine = readings.find(({ parser }) => parser.quiet && parser.json && runs(parser.programs));
      mine?.emptyDocument();
      return mine !== undefined;
    }
    if (latest?.json(value, stream)) return true;
    const mine = readings.find((one) => one.json(value, stream));
    if (mine !== undefined) latest = mine;
    return mine !== undefined;
  };

  /** Some document broke off, and nobody knows whose it was. */
  let doubt = false;
  const cut = (head: string, likely: boolean): boolean => {
    const mine = readings.find(({ parser }) => parser.json?.cut.every((literal) => head.includes(literal)));
    mine?.cut();
    if (mine !== undefined) problem(`${mine.parser.tool}: JSON was cut off`);
    else if (likely && (head === '' || /^\s*[[{][\s[{]*"/.test(head))) {
      doubt = true;
      problem('a JSON document was cut off or is too long');
    }
    return mine !== undefined;
  };

  const streams = { stdout: streamOf('stdout'), stderr: streamOf('stderr') };
  function streamOf(stream: Stream): { lines: TextLines; documents: JsonDocuments } {
    const sink: DocumentSink = { json: (value) => json(value, stream), text: (line) => text(line, stream), cut };
    const documents = jsonDocuments(sink);
    const lines = textLines((line, wasCut) => {
      if (wasCut && line === '') documents.tooLong();
      else documents.line(line);
    });
    return { lines, documents };
  }

  return {
    write: (stream, chunk) => streams[stream].lines.write(chunk),
    end(exit) {
      for (const stream of ['stdout', 'stderr'] as const) {
        streams[stream].lines.end();
        streams[stream].documents.end();
      }
      const tools = agreed(readings.flatMap((one) => one.end(exit, doubt)));
      const explained = found.kept.length > 0 && readings.some((one) => one.explains);
      for (const parser of parsers) {
        if (parser.otherwise === undefined) continue;
        const draft = parser.otherwise({ context, exit, explained, quote: words.quote() });
        const added = draft !== null && found.add(draft, parser.tool);
        const complete = exit.reason === 'exited' && exit.exitCode !== null;
        tools.push({ tool: parser.tool, parser: parser.name, complete, findings: added ? 1 : 0 });
      }
      if (found.cut() > 0) problem(`${found.cut()} findings beyond ${maxFindings} were left out`);
      return { findings: [...found.kept], tools, problems: [...problems] };
    },
  };
}

/** Parsers of this language and recipe first; among equals the order of the registry. */
function ranked(parsers: readonly Parser[], context: LogContext): Parser[] {
  const language = context.language === 'javascript' ? 'typescript' : context.language;
  const rank = (parser: Parser) =>
    (parser.languages.includes(language) ? 0 : 2) + (parser.recipes.includes(context.recipe) ? 0 : 1);
  return [...parsers].sort((a, b) => rank(a) - rank(b));
}

/** A tool that several parsers saw is complete only where all of them say so. */
function agreed(tools: readonly ToolRun[]): ToolRun[] {
  const doubtful = new Set(tools.filter((one) => !one.complete).map((one) => one.tool));
  return tools.map((one) => ({ ...one, complete: !doubtful.has(one.tool) }));
}

/** Built once for a list: it depends on nothing else. */
const tables = new WeakMap<readonly Parser[], CueTable>();
function tableOf(parsers: readonly Parser[]): CueTable {
  const table = tables.get(parsers) ?? cueTable(parsers.map((parser) => parser.cues ?? []));
  tables.set(parsers, table);
  return table;
}

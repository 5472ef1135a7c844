import type { NamedParser, Stream, XmlElement } from '../define.ts';
import { programsOf } from '../tools/parser-words.ts';
import { type CueTable, cueMatcher, cueTable } from './cue-matcher.ts';
import { jsonDocuments } from './json-documents.ts';
import { fields, isFields, looksLikeReport } from './json-value.ts';
import { plain } from './plain-text.ts';
import type { Reading } from './reading.ts';
import { xmlDocuments } from './xml-documents.ts';

export type Dispatcher = {
  /** A clean line; `cut` when its rest was dropped. */
  line(stream: Stream, line: string, cut: boolean): void;
  /** A piece of a line that is too long to be held. */
  piece(stream: Stream, text: string, isLast: boolean): void;
  /** After the last line: what is still open is told as cut. */
  end(): void;
  /** A document broke off, and nobody knows whose it was. */
  readonly doubt: boolean;
  /** A document looked like a tool's report, and no parser knows it. */
  readonly sawUnknown: boolean;
};

type DispatcherDeps = {
  /** In the order of the registry, whose cues are looked for. */
  readonly parsers: readonly NamedParser[];
  /** The same parsers at work, the likeliest first. */
  readonly readings: readonly Reading[];
  /** Whether the command starts one of these programs. */
  runs(programs: readonly string[]): boolean;
  problem(text: string): void;
  /** What could not be read, and says nothing about the tools whose output was. */
  note(text: string): void;
  /** Every line of text, before anyone reads it; false keeps it from them. */
  text(line: string, stream: Stream): boolean;
  /** The same, when everyone has read it. */
  past?(line: string): void;
};

/** Takes lines apart into documents and text, and each to the parser that knows it. */
export function dispatcher({ parsers, readings, runs, problem, note, text: heard, past }: DispatcherDeps): Dispatcher {
  const matcher = cueMatcher(tableOf(parsers));
  /** From the place in the list of parsers, which the automaton knows, to the rank in this log. */
  const ranks = new Map(readings.map((one, rank) => [one.parser, rank]));
  const rankOf = parsers.map((parser) => ranks.get(parser) ?? -1);
  const holder: Record<Stream, Reading | null> = { stdout: null, stderr: null, report: null };
  const previous: Record<Stream, string> = { stdout: '', stderr: '', report: '' };
  let latest: Reading | null = null;
  let doubt = false;
  let sawUnknown = false;

  /** A machine that follows one stream is not to take lines of the other for its own, unless it asked to. */
  const isBusy = (one: Reading, stream: Stream) =>
    !one.parser.together && holder[stream === 'stdout' ? 'stderr' : 'stdout'] === one;
  const text = (line: string, stream: Stream) => {
    deliver(line, stream);
    past?.(line);
  };
  const deliver = (line: string, stream: Stream) => {
    const before = previous[stream];
    previous[stream] = line;
    const held = holder[stream];
    if (!heard(line, stream)) return;
    if (held !== null) {
      const taken = held.line(line, stream, before);
      if (taken === 'more') return;
      holder[stream] = null;
      if (taken === 'yes') return;
    }
    const hits = matcher(line);
    if (hits.length === 0) return;
    const hit = hits.map((index) => rankOf[index] ?? 0);
    for (const rank of hit.length > 1 ? hit.sort((a, b) => a - b) : hit) {
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
      const mine = readings.find(({ parser }) => parser.quiet && parser.json && runs(programsOf(parser)));
      mine?.emptyDocument();
      return mine !== undefined;
    }
    if (offer(value, stream)) return true;
    // What a tool prints one to a line, others collect into a list.
    const taken = Array.isArray(value) && value.filter((item) => isFields(item) && offer(item, stream)).length > 0;
    if (!taken && looksLikeReport(value)) unknown(value);
    return taken;
  };
  const offer = (value: unknown, stream: Stream): boolean => {
    if (latest?.json(value, stream)) return true;
    const mine = readings.find((one) => one.json(value, stream));
    if (mine !== undefined) latest = mine;
    return mine !== undefined;
  };
  const unknown = (value: unknown) => {
    sawUnknown = true;
    const keys = Object.keys(fields(Array.isArray(value) ? value.find(isFields) : value));
    note(`a JSON document that no parser knows (keys: ${plain(keys.slice(0, 8).join(', '), 200)})`);
  };

  const byHead = readings.flatMap((one) => {
    const literals = one.parser.json?.cut;
    return literals ? [{ one, literals, least: Math.max(0, ...literals.map(({ length }) => length)) }] : [];
  });
  const shortest = Math.min(...byHead.map(({ least }) => least));
  const cutJson = (head: string, likely: boolean): boolean => {
    const isOf = ({ literals, least }: (typeof byHead)[number]) =>
      head.length >= least && literals.every((literal) => head.includes(literal));
    // A log may break off something that looks like a document in each of a million lines.
    const mine = head.length < shortest ? undefined : byHead.find(isOf)?.one;
    mine?.cut();
    if (mine !== undefined) problem(`${mine.parser.tool}: JSON was cut off`);
    else if (likely && (head === '' || /^\s*[[{][\s[{]*"/.test(head))) {
      doubt = true;
      problem('a JSON document was cut off or is too long');
    }
    return mine !== undefined;
  };

  const streamOf = (stream: Stream) => {
    const documents = jsonDocuments({
      json: (value) => json(value, stream),
      part: (value) => {
        const mine = latest?.parser.json?.elements ? latest : undefined;
        if (mine?.json(value, stream)) return true;
        const other = readings.find((one) => one.parser.json?.elements && one.json(value, stream));
        if (other !== undefined) latest = other;
        return other !== undefined;
      },
      text: (line) => text(line, stream),
      cut: cutJson,
    });
    let owner: Reading | null = null;
    const xml = xmlDocuments({
      knows: (name) => readings.some(({ parser }) => parser.xml?.roots.includes(name)),
      root(root) {
        owner = readings.find((one) => one.xmlRoot(root)) ?? null;
        return owner === null ? null : new Set(owner.parser.xml?.units);
      },
      element(element: XmlElement, parents: readonly XmlElement[]) {
        owner?.xml(element, parents, stream);
        if (parents.length === 0) owner = null;
      },
      cut(name) {
        const mine = owner ?? readings.find(({ parser }) => name !== null && parser.xml?.roots.includes(name));
        mine?.cut();
        doubt ||= mine === undefined;
        problem(mine === undefined ? 'an XML document was cut off' : `${mine.parser.tool}: XML was cut off`);
        owner = null;
      },
      other: documents.line,
    });
    return {
      line(line: string, wasCut: boolean) {
        if (!wasCut || line !== '') xml.line(line);
        else if (!xml.tooLong()) documents.tooLong();
      },
      piece: documents.piece.bind(documents),
      end() {
        xml.end();
        documents.end();
      },
    };
  };
  const streams: Partial<Record<Stream, ReturnType<typeof streamOf>>> = {};
  return {
    line(stream, line, cut) {
      streams[stream] ??= streamOf(stream);
      streams[stream].line(line, cut);
    },
    piece(stream, piece, isLast) {
      streams[stream] ??= streamOf(stream);
      streams[stream].piece(piece, isLast);
    },
    end() {
      for (const stream of ['stdout', 'stderr', 'report'] as const) streams[stream]?.end();
    },
    get doubt() {
      return doubt;
    },
    get sawUnknown() {
      return sawUnknown;
    },
  };
}

/** Built once for a list: it depends on nothing else. */
const tables = new WeakMap<readonly NamedParser[], CueTable>();
function tableOf(parsers: readonly NamedParser[]): CueTable {
  const table = tables.get(parsers) ?? cueTable(parsers.map((parser) => parser.cues ?? []));
  tables.set(parsers, table);
  return table;
}

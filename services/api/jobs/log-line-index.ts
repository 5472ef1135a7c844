import { withoutMarks } from '../../../parsers/engine/text-lines.ts';
import type { FoundJob } from '../../../projections/jobs/job-queries.ts';
import { isErrorLine } from '../../findings/rules/error-line.ts';
import type { LogStream } from '../../io/log-stream.ts';

/** Where lines lie in a log: before the chunk `seqs[n]` there are `lines[n]` ends of lines. */
type LogIndex = {
  readonly seqs: readonly number[];
  readonly lines: readonly number[];
  readonly total: number;
  readonly firstError: number | null;
};

const keptIndexes = 50;
/** Chunks that are looked at for the beginning of a log before there is an index. */
const firstChunks = 8;
const longestLine = 10_000;
const newline = 10;
/** Of an endless line only so much is held, in bytes. */
const mostHeld = 1024 * 1024;

export type LogSpan = { readonly id: string; readonly seq: number; readonly first: number; readonly last: number };
type LogLines = { first: number; lines: string[]; total_lines: number | null; first_error_line: number | null };

/** The span of a job's log that is kept, as far as it goes by now. */
export async function spanOf(job: FoundJob, id: string, logs: Pick<LogStream, 'lastSeq'>): Promise<LogSpan> {
  return { id, seq: job.seq, first: job.logFirst || 1, last: job.logLast || (await logs.lastSeq(id)) };
}

/** Lines of logs by their number, without reading a log of 100 MB for those at its end. */
export function logIndexes(logs: Pick<LogStream, 'read'>) {
  const kept = new Map<string, Promise<LogIndex>>();
  const indexOf = (span: LogSpan): Promise<LogIndex> => {
    const key = `${span.seq} ${span.last}`;
    let index = kept.get(key);
    if (!index) {
      index = buildIndex(logs, span);
      index.catch(() => kept.delete(key));
      if (kept.size >= keptIndexes) kept.delete(kept.keys().next().value ?? '');
      kept.set(key, index);
    }
    return index;
  };
  return {
    indexOf,
    /** `count` lines from a number on (from 1). The beginning is given at once, while the index is made. */
    lines: async (span: LogSpan, from: number, count: number): Promise<LogLines> => {
      if (span.last === 0) return { first: from, lines: [], total_lines: 0, first_error_line: null };
      const index = indexOf(span);
      if (from === 1) {
        const lines = await firstLines(logs, span, count);
        const known = await Promise.race([index, Promise.resolve(null)]);
        const { total = null, firstError = null } = known ?? {};
        if (lines.length >= count) return { first: 1, lines, total_lines: total, first_error_line: firstError };
      }
      const made = await index;
      const lines = await linesBy(logs, span, { index: made, from, count });
      return { first: from, lines, total_lines: made.total, first_error_line: made.firstError };
    },
    /** The same, so many lines from the end. */
    last: async (span: LogSpan, count: number): Promise<LogLines> => {
      if (span.last === 0) return { first: 1, lines: [], total_lines: 0, first_error_line: null };
      const index = await indexOf(span);
      const from = Math.max(1, index.total - count + 1);
      const lines = await linesBy(logs, span, { index, from, count });
      return { first: from, lines, total_lines: index.total, first_error_line: index.firstError };
    },
  };
}

async function buildIndex(logs: Pick<LogStream, 'read'>, { id, first, last }: LogSpan): Promise<LogIndex> {
  const [seqs, lines]: [number[], number[]] = [[], []];
  let ends = 0;
  let lastByte = newline;
  const errors = lineFeed((line, number) => {
    if (!isErrorLine(line)) return true;
    firstError = number;
    return false;
  });
  let firstError: number | null = null;
  await logs.read(id, { firstSeq: first, lastSeq: last }, ({ bytes, seq }) => {
    seqs.push(seq);
    lines.push(ends);
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) ends += 1;
    lastByte = bytes.at(-1) ?? lastByte;
    errors.write(bytes);
  });
  errors.end();
  return { seqs, lines, total: ends + (lastByte === newline ? 0 : 1), firstError };
}

async function firstLines(
  logs: Pick<LogStream, 'read'>,
  { id, first, last }: LogSpan,
  count: number,
): Promise<string[]> {
  const lines: string[] = [];
  const until = Math.min(last, first + firstChunks - 1);
  const feed = lineFeed((line) => lines.push(line) < count);
  await logs.read(id, { firstSeq: first, lastSeq: until }, ({ bytes }) => feed.write(bytes));
  // The last line may go on in what was not read.
  if (until === last) feed.end();
  return lines;
}

type Wanted = { readonly index: LogIndex; readonly from: number; readonly count: number };

async function linesBy(
  logs: Pick<LogStream, 'read'>,
  span: LogSpan,
  { index, from, count }: Wanted,
): Promise<string[]> {
  if (from > index.total) return [];
  // A chunk may begin inside of a line: the one before it holds the beginning.
  const at = Math.max(
    0,
    index.lines.findLastIndex((ends) => ends < from - 1),
  );
  const beyond = index.lines.findIndex((ends) => ends >= from + count - 1);
  const until = beyond < 0 ? span.last : (index.seqs[beyond] ?? span.last);
  const lines: string[] = [];
  let number = index.lines[at] ?? 0;
  const feed = lineFeed((line) => {
    number += 1;
    if (number >= from) lines.push(line);
    return lines.length < count;
  });
  await logs.read(span.id, { firstSeq: index.seqs[at] ?? span.first, lastSeq: until }, ({ bytes }) =>
    feed.write(bytes),
  );
  feed.end();
  return lines;
}

/** Cuts bytes into lines, without the marks of steps; `take` answers whether it wants more. */
export function lineFeed(take: (line: string, number: number) => boolean) {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let number = 0;
  let goesOn = true;
  const flush = (part: Buffer) => {
    number += 1;
    const bytes = held.length === 0 ? part : Buffer.concat([...held, part]);
    held = [];
    heldBytes = 0;
    goesOn = take(
      withoutMarks(bytes.toString('utf8', 0, mostHeld))
        .replace(/\r$/, '')
        .slice(0, longestLine),
      number,
    );
  };
  return {
    write: (chunk: Uint8Array) => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let begin = 0;
      for (let at = bytes.indexOf(newline); goesOn && at >= 0; at = bytes.indexOf(newline, begin)) {
        flush(bytes.subarray(begin, at));
        begin = at + 1;
      }
      if (!goesOn || begin >= bytes.length) return;
      if (heldBytes < mostHeld) held.push(Buffer.from(bytes.subarray(begin)));
      heldBytes += bytes.length - begin;
    },
    end: () => {
      if (goesOn && heldBytes > 0) flush(Buffer.alloc(0));
    },
  };
}

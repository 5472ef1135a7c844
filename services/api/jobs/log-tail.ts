import { withoutMarks } from '../../../parsers/engine/text-lines.ts';
import type { FoundJob } from '../../../projections/jobs/job-queries.ts';
import type { ApiDeps } from '../define.ts';

const tailLines = 200;
/** A tail in an answer is for reading: longer lines are cut, the log itself has them whole. */
const maxLineChars = 2_000;
const keptTails = 500;
/** Bytes from the end among which the last lines are looked for: a log may be one endless line. */
const farthestBack = 8 * 1024 * 1024;

type LogTails = {
  /** The tail of a finished job that was read before, as JSON text. */
  cached(job: FoundJob): string | undefined;
  /** Reads the tail, as JSON text of a list of lines. */
  read(job: FoundJob, id: string): Promise<string>;
};

/** Whether the recipe has ended, so that the job knows where its log ends. */
export function isLogWhole({ status }: FoundJob): boolean {
  return status !== 'queued' && status !== 'running';
}

/** The last 200 lines of logs; those of finished jobs never change and are kept. */
export function logTails({ logs }: Pick<ApiDeps, 'logs'>): LogTails {
  const kept = new Map<number, string>();
  return {
    cached: (job) => (isLogWhole(job) && job.logLast === 0 ? '[]' : job.logLast > 0 ? kept.get(job.seq) : undefined),
    read: async ({ seq, logFirst, logLast }, id) => {
      const last = logLast || (await logs.lastSeq(id));
      const tail =
        last === 0
          ? '[]'
          : JSON.stringify((await lastLines({ logs, id, first: logFirst || 1, last }, tailLines)).map(cut));
      if (logLast > 0) {
        if (kept.size >= keptTails) kept.delete(kept.keys().next().value ?? 0);
        kept.set(seq, tail);
      }
      return tail;
    },
  };
}

function cut(line: string): string {
  return line.length > maxLineChars ? `${line.slice(0, maxLineChars)}…` : line;
}

type Span = { logs: ApiDeps['logs']; id: string; first: number; last: number };

/** The last lines of a log: reads back from the end, ever further, until there are enough. */
export async function lastLines({ logs, id, first, last }: Span, wanted: number): Promise<string[]> {
  for (let back = 4; ; back *= 8) {
    const from = Math.max(first, last - back);
    const parts: Buffer[] = [];
    let bytesRead = 0;
    await logs.read(id, { firstSeq: from, lastSeq: last }, ({ bytes }) => {
      parts.push(Buffer.from(bytes));
      bytesRead += bytes.length;
    });
    // What marks the steps of a command is for the parser; bytes of a log are given as they are stored.
    const text = withoutMarks(Buffer.concat(parts).toString('utf8'));
    const lines = text.replace(/\n$/, '').split(/\r?\n/);
    // The first line may be the end of one whose beginning was not read.
    if (from === first || lines.length > wanted || bytesRead >= farthestBack)
      return text === '' ? [] : lines.slice(-wanted);
  }
}

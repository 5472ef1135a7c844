import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { logStream } from '../../../../events/streams.ts';
import { AppError } from '../../../floor/app-error.ts';
import { type DiskFlow, freeFlow } from '../../disk/disk-flow.ts';
import type { LogChunk, LogStream, Pipe } from '../../log-stream.ts';
import type { Nats } from '../connection.ts';
import { followStream } from '../log/follow-stream.ts';
import { openLogWriter } from './log-writer.ts';
import { readReports, saveReports } from './report-stream.ts';

/** Chunks fetched at once. */
const batch = 64;

/** So few sequences are fetched one by one: making a consumer costs more. */
const few = 6;

/** The logs of jobs on JetStream: `ct-log.<job id>.<stdout|stderr>`. */
export function openLogStream(nats: Nats, flow: DiskFlow = freeFlow): LogStream {
  const lastSeq = async (jobId: string) =>
    (await nats.jsm.direct.getMessage(logStream.name, { last_by_subj: `ct-log.${jobId}.>` }))?.seq ?? 0;
  return {
    writer: (jobId) => openLogWriter(nats.js, jobId, flow),
    lastSeq,
    saveReports: (jobId, reports) => saveReports(nats, jobId, reports),
    readReports: (jobId, saved, onPiece) => readReports(nats, jobId, saved, onPiece),
    follow: async (jobId, firstSeq, onChunk) => followChunks(nats, jobId, firstSeq, onChunk, () => {}),
    read: async (jobId, { firstSeq = 1, lastSeq: last }, onChunk) => {
      const end = last ?? (await lastSeq(jobId));
      if (end === 0 || end < firstSeq) return;
      if (end - firstSeq < few) await fetchChunks(nats, jobId, { firstSeq, end }, onChunk);
      else await streamChunks(nats, jobId, { firstSeq, end, newest: () => lastSeq(jobId) }, onChunk);
    },
  };
}

function pipeOf(subject: string): Pipe {
  return subject.endsWith('.stderr') ? 'stderr' : 'stdout';
}

type OnChunk = (chunk: LogChunk) => void | Promise<void>;
type Range = { firstSeq: number; end: number };

async function fetchChunks(nats: Nats, jobId: string, { firstSeq, end }: Range, onChunk: OnChunk): Promise<void> {
  for (let seq = firstSeq; seq <= end; ) {
    const found = await nats.jsm.direct.getMessage(logStream.name, { seq, next_by_subj: `ct-log.${jobId}.>` });
    if (!found || found.seq > end) return;
    await onChunk({ pipe: pipeOf(found.subject), bytes: found.data, seq: found.seq });
    seq = found.seq + 1;
  }
}

/** In batches, so that a slow reader holds up the reading and not the memory. */
async function streamChunks(
  nats: Nats,
  jobId: string,
  { firstSeq, end, newest }: Range & { newest: () => Promise<number> },
  onChunk: OnChunk,
): Promise<void> {
  const consumer = await nats.js.consumers.get(logStream.name, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: firstSeq,
    filter_subjects: `ct-log.${jobId}.>`,
  });
  const deadline = performance.now() + 120_000;
  for (let reached = firstSeq - 1; reached < end; ) {
    const before = reached;
    for await (const message of await consumer.fetch({ max_messages: batch, expires: 1_000 })) {
      reached = message.seq;
      if (reached <= end) await onChunk({ pipe: pipeOf(message.subject), bytes: message.data, seq: reached });
      if (reached >= end) break;
    }
    if (reached > before) continue;
    // Chunks expire: what was promised up to `end` may not be there any more.
    if ((await newest()) <= reached) return;
    if (performance.now() > deadline) {
      throw new AppError('unavailable', 'The log of the job cannot be read at the moment.');
    }
  }
}

function followChunks(
  nats: Nats,
  jobId: string,
  from: number,
  onChunk: (chunk: LogChunk) => void,
  onError: (error: unknown) => void,
) {
  return followStream(nats, {
    stream: logStream.name,
    from,
    filter: `ct-log.${jobId}.>`,
    onMessage: (message: JsMsg, seq) => onChunk({ pipe: pipeOf(message.subject), bytes: message.data, seq }),
    onError,
  });
}

import type { JsMsg } from '@nats-io/jetstream';
import { logStream } from '../../../events/streams.ts';
import { AppError } from '../../app-error.ts';
import type { LogChunk, LogStream, Pipe } from '../log-stream.ts';
import type { Nats } from './connection.ts';
import { followStream } from './follow-stream.ts';
import { openLogWriter } from './log-writer.ts';

/** So few sequences are fetched one by one: making a consumer costs more. */
const few = 6;

/** The logs of jobs on JetStream: `ct-log.<job id>.<stdout|stderr>`. */
export function openLogStream(nats: Nats): LogStream {
  const lastSeq = async (jobId: string) =>
    (await nats.jsm.direct.getMessage(logStream.name, { last_by_subj: `ct-log.${jobId}.>` }))?.seq ?? 0;
  return {
    writer: (jobId) => openLogWriter(nats.js, jobId),
    lastSeq,
    follow: async (jobId, firstSeq, onChunk) => followChunks(nats, jobId, firstSeq, onChunk, () => {}),
    read: async (jobId, { firstSeq = 1, lastSeq: last }, onChunk) => {
      const end = last ?? (await lastSeq(jobId));
      if (end === 0 || end < firstSeq) return;
      if (end - firstSeq < few) await fetchChunks(nats, jobId, { firstSeq, end }, onChunk);
      else await streamChunks(nats, jobId, { firstSeq, end }, onChunk);
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

async function streamChunks(nats: Nats, jobId: string, { firstSeq, end }: Range, onChunk: OnChunk): Promise<void> {
  let chain: Promise<void> = Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const follower = await followChunks(
    nats,
    jobId,
    firstSeq,
    (chunk) => {
      if (chunk.seq <= end) chain = chain.then(() => onChunk(chunk));
      chain.catch(reject);
      if (chunk.seq >= end) resolve();
    },
    reject,
  );
  const overdue = setTimeout(
    () => reject(new AppError('unavailable', 'The log of the job cannot be read at the moment.')),
    120_000,
  );
  try {
    await promise;
    await chain;
  } finally {
    clearTimeout(overdue);
    await follower.stop();
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
